package money_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
)

func TestParsePaise(t *testing.T) {
	for in, want := range map[string]money.Paise{
		"0": 0, "15000": 1500000, "15000.00": 1500000, "0.91": 91, "0.9": 90, "-0.02": -2, "007": 700,
		"1000000000000": money.MaxPaise, "1.500": 150,
	} {
		t.Run(in, func(t *testing.T) {
			p, err := money.ParsePaise(in)
			require.NoError(t, err)
			require.Equal(t, want, p)
		})
	}
	for _, in := range []string{
		"", "-", ".", "1.", ".5", "1e3", "+1", "0x1", "NaN", "Infinity", "1,000", " 1", "1 ", "१", "1.005",
		"1000000000000.01", "99999999999999999999", "--1",
	} {
		t.Run("not "+in, func(t *testing.T) {
			_, err := money.ParsePaise(in)
			require.Error(t, err)
		})
	}
}

func TestAmountsAreCanonicalInJSON(t *testing.T) {
	for in, want := range map[string]string{
		`15000`: `15000`, `"15000.50"`: `15000.5`, `0.91`: `0.91`, `-0.02`: `-0.02`, `"100"`: `100`,
	} {
		t.Run(in, func(t *testing.T) {
			var p money.Paise
			require.NoError(t, json.Unmarshal([]byte(in), &p))
			out, err := json.Marshal(p)
			require.NoError(t, err)
			require.Equal(t, want, string(out))
		})
	}
}

func TestPricesAndQuantitiesHaveThreeDecimals(t *testing.T) {
	p, err := money.ParsePrice("10.125")
	require.NoError(t, err)
	require.Equal(t, money.Price(10125), p)
	q, err := money.ParseQuantity("0.001")
	require.NoError(t, err)
	require.Equal(t, money.Quantity(1), q)
	for _, in := range []string{"1.0001", "1e3", "", "10000000000000.001"} {
		t.Run("not "+in, func(t *testing.T) {
			_, err := money.ParsePrice(in)
			require.Error(t, err)
			_, err = money.ParseQuantity(in)
			require.Error(t, err)
		})
	}
}

func FuzzParseDecimals(f *testing.F) {
	for _, s := range []string{"0", "15000.50", "-0.02", "1e3", "999999999999.99", "10.125"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		paise, err := money.ParsePaise(s)
		requireExact(t, s, int64(paise), 100, paise.String(), err)
		price, err := money.ParsePrice(s)
		requireExact(t, s, int64(price), 1000, price.String(), err)
		quantity, err := money.ParseQuantity(s)
		requireExact(t, s, int64(quantity), 1000, quantity.String(), err)
	})
}

// requireExact checks that n/scale is the number that s spells, and that written spells it too.
func requireExact(t *testing.T, s string, n, scale int64, written string, err error) {
	t.Helper()
	if err != nil {
		return
	}
	for _, text := range []string{s, written} {
		r, ok := new(big.Rat).SetString(text)
		require.True(t, ok, text)
		require.Zero(t, r.Cmp(big.NewRat(n, scale)), "%s is not %d/%d", text, n, scale)
	}
}

func ExampleParsePaise() {
	p, err := money.ParsePaise("17700.5")
	fmt.Println(int64(p), p, err)
	_, err = money.ParsePaise("1e3")
	fmt.Println(err)
	// Output:
	// 1770050 17700.5 <nil>
	// not a plain decimal number
}
