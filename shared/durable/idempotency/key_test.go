package idempotency_test

import (
	"bytes"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/problem"
)

func TestParseKey(t *testing.T) {
	t.Parallel()
	const id = "8e03978e-40d5-43e8-bc93-6894a57f9324"
	for header, want := range map[string]string{
		id:                                     "",
		`"` + id + `"`:                         "",
		" " + id + " ":                         "",
		"8E03978E-40D5-43E8-BC93-6894A57F9324": "",
		"8e03978e40d543e8bc936894a57f9324":     "",
		"00000000-0000-0000-0000-000000000000": "idempotency_key_invalid",
		"00000000000000000000000000000000":     "idempotency_key_invalid",
		"":                                     "idempotency_key_missing",
		"  ":                                   "idempotency_key_missing",
		"abc":                                  "idempotency_key_invalid",
		id + "0":                               "idempotency_key_invalid",
		`"` + id:                               "idempotency_key_invalid",
		`""`:                                   "idempotency_key_invalid",
		id + "\n" + id:                         "idempotency_key_invalid",
	} {
		t.Run(strconv.Quote(header), func(t *testing.T) {
			t.Parallel()
			k, err := idempotency.ParseKey("m", header)
			if want != "" {
				require.ErrorIs(t, err, &problem.Error{Code: want})
				return
			}
			require.NoError(t, err)
			require.Equal(t, idempotency.Key{Scope: "m", ID: id}, k)
		})
	}
}

func TestHashesOfTwoScopesDiffer(t *testing.T) {
	t.Parallel()
	a := idempotency.Key{Scope: "a", ID: "1"}
	require.NotEqual(t, a.Hash(), idempotency.Key{Scope: "b", ID: "1"}.Hash())
	require.NotEqual(t, idempotency.Key{Scope: "a\x001", ID: ""}.Hash(), a.Hash())
}

func FuzzParseKey(f *testing.F) {
	f.Add("8e03978e-40d5-43e8-bc93-6894a57f9324")
	f.Add(`"`)
	f.Fuzz(func(t *testing.T, header string) {
		if k, err := idempotency.ParseKey("m", header); err == nil {
			require.Len(t, k.ID, 36)
		}
	})
}

func TestCompressRoundTrip(t *testing.T) {
	t.Parallel()
	for _, body := range [][]byte{nil, []byte("{}"), bytes.Repeat([]byte("नमस्ते "), 100_000)} {
		compressed, err := idempotency.Compress(body)
		require.NoError(t, err)
		got, err := idempotency.Decompress(compressed)
		require.NoError(t, err)
		require.True(t, bytes.Equal(body, got))
	}
	_, err := idempotency.Decompress([]byte("not compressed"))
	require.Error(t, err)
}

func Example() {
	key, err := idempotency.ParseKey("merchant-123", `"8e03978e-40d5-43e8-bc93-6894a57f9324"`)
	fmt.Println(key.ID, key.Hash(), err)
	_, err = idempotency.ParseKey("merchant-123", "42")
	fmt.Println(err)
	// Output:
	// 8e03978e-40d5-43e8-bc93-6894a57f9324 6kber7ehwv53xy7qneq3tzuaz5 <nil>
	// idempotency_key_invalid: the Idempotency-Key header must be a UUID
}
