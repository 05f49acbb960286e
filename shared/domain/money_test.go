package domain_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/domain"
)

func TestParsePaise(t *testing.T) {
	for in, want := range map[string]domain.Paise{
		"0": 0, "15000": 1500000, "15000.00": 1500000, "0.91": 91, "0.9": 90, "-0.02": -2, "007": 700,
		"1000000000000": domain.MaxPaise, "1.500": 150,
	} {
		p, err := domain.ParsePaise(in)
		require.NoError(t, err, in)
		require.Equal(t, want, p, in)
	}
	for _, in := range []string{
		"", "-", ".", "1.", ".5", "1e3", "+1", "0x1", "NaN", "Infinity", "1,000", " 1", "1 ", "१", "1.005",
		"1000000000000.01", "99999999999999999999", "--1",
	} {
		_, err := domain.ParsePaise(in)
		require.Error(t, err, in)
	}
}

func TestAmountsAreCanonicalInJSON(t *testing.T) {
	for in, want := range map[string]string{`15000`: `15000`, `"15000.50"`: `15000.5`, `0.91`: `0.91`, `-0.02`: `-0.02`, `"100"`: `100`} {
		var p domain.Paise
		require.NoError(t, json.Unmarshal([]byte(in), &p), in)
		out, err := json.Marshal(p)
		require.NoError(t, err)
		require.Equal(t, want, string(out))
	}
}

func FuzzParsePaise(f *testing.F) {
	for _, s := range []string{"0", "15000.50", "-0.02", "1e3", "999999999999.99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := domain.ParsePaise(s)
		if err != nil {
			return
		}
		exact, ok := new(big.Rat).SetString(s)
		require.True(t, ok)
		require.Zero(t, exact.Cmp(big.NewRat(int64(p), 100)), "%s is not %d paise", s, p)
		again, err := domain.ParsePaise(p.String())
		require.NoError(t, err)
		require.Equal(t, p, again)
	})
}

func ExampleParsePaise() {
	p, err := domain.ParsePaise("17700.5")
	fmt.Println(int64(p), p, err)
	_, err = domain.ParsePaise("1e3")
	fmt.Println(err)
	// Output:
	// 1770050 17700.5 <nil>
	// not a plain decimal number
}
