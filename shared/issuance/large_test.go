package issuance_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/strictjson"
)

// TestLargestAnswerFits: strictjson.MaxBody keeps an answer within MaxCompressed, so that an
// answer that cannot be stored is refused before anything is done. The request has the
// maximum size, of text that hardly compresses.
func TestLargestAnswerFits(t *testing.T) {
	t.Parallel()
	f := setup(t)
	body := largest(t)
	req, err := gst.ParseRequest(body)
	require.NoError(t, err)
	require.Greater(t, len(body), strictjson.MaxBody*95/100)

	answer, err := f.issuer.Issue(t.Context(), key(1), req)
	require.NoError(t, err)
	r, err := f.sagas.Load(t.Context(), answer.SagaID)
	require.NoError(t, err)
	t.Logf(
		"request %d bytes, answer %d, packed %d of %d",
		len(body),
		len(answer.Body),
		len(r.Body),
		idempotency.MaxCompressed,
	)
	require.Greater(t, len(answer.Body), len(body))
	require.Less(t, len(r.Body), idempotency.MaxCompressed*9/10)
	again, err := f.issuer.Issue(t.Context(), key(1), req)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, answer.Body, again.Body)
}

func largest(t *testing.T) []byte {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2)) // the same text each time
	var items []any
	for room := strictjson.MaxBody - 2_000; room > 0; room -= 600 {
		var text []rune
		for len(string(text)) < 498 && len(text) < 290 {
			text = append(text, rune(0x4E00+random.IntN(0x5000))) // CJK: 3 bytes for 14 bits
		}
		items = append(items, map[string]any{
			"description": string(text), "hsn": "732393", "quantity": 1, "unit": "NOS", "unit_price": "250.00", "gst_rate": 18,
		})
	}
	body, err := json.Marshal(map[string]any{
		"invoice_number":     "L-1",
		"seller_merchant_id": merchantID,
		"buyer_gstin":        "29AABCU9603R1ZJ",
		"invoice_date":       "2025-11-26",
		"items":              items,
	})
	require.NoError(t, err)
	return body
}
