package money_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
)

func TestExchangeRatesHaveSixDecimals(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]money.ExchangeRate{"88.7": 88_700_000, "0.564512": 564_512, "1": 1_000_000} {
		var rate money.ExchangeRate
		require.NoError(t, json.Unmarshal([]byte(text), &rate))
		require.Equal(t, want, rate)
		b, err := json.Marshal(rate)
		require.NoError(t, err)
		require.Equal(t, text, string(b))
	}
	_, err := money.ParseExchangeRate("0.5645123")
	require.EqualError(t, err, "must have at most 6 decimals")
}
