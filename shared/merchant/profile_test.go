package merchant_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

func TestParseProfile(t *testing.T) {
	p, err := merchant.ParseProfile("m-1", []byte(`{"name":"X","gstin":"27AABCU9603R1ZN"}`))
	require.NoError(t, err)
	require.Equal(t, gst.Strict, p.Compliance, "the default")
	read, err := json.Marshal(p)
	require.NoError(t, err)
	again, err := merchant.ParseProfile("m-1", read)
	require.NoError(t, err)
	require.Equal(t, p, again, "what was read can be put")
	for name, body := range map[string]string{
		"nothing required": `{}`,
		"wrong check":      `{"name":"X","gstin":"27AABCU9603R1ZX"}`,
		"legacy state":     `{"name":"X","gstin":"28AABCU9603R1ZL"}`,
		"unknown policy":   `{"name":"X","gstin":"27AABCU9603R1ZN","compliance":"lax"}`,
		"unknown field":    `{"name":"X","gstin":"27AABCU9603R1ZN","x":1}`,
		"another id":       `{"id":"m-2","name":"X","gstin":"27AABCU9603R1ZN"}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := merchant.ParseProfile("m-1", []byte(body))
			require.Error(t, err)
		})
	}
	_, err = merchant.ParseProfile("no spaces", []byte(`{"name":"X","gstin":"27AABCU9603R1ZN"}`))
	require.Error(t, err)
}

func TestSellersGSTINMustBeRight(t *testing.T) {
	for gstin, code := range map[string]string{
		"27aabcu9603r1zn": "gstin_malformed", "27AABCU9603R1ZX": "gstin_checksum", "0717UNO00211UN2": "gstin_class",
		"28AABCU9603R1ZL": "state_unknown", "9917SGP29001OST": "gstin_class", "29AABCF8078M1C8": "gstin_class",
	} {
		t.Run(gstin, func(t *testing.T) {
			_, err := merchant.ParseProfile("m-1", []byte(`{"name":"X","gstin":"`+gstin+`"}`))
			var e *problem.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, code, e.Fields[0].Code)
			require.Equal(t, 422, e.Status)
		})
	}
}
