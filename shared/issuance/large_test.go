package issuance_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/strictjson"
)

// TestALargeInvoiceInHindiFits: 1,000 lines, each with a description of 200 letters.
func TestALargeInvoiceInHindiFits(t *testing.T) {
	t.Parallel()
	f := setup(t)
	text := strings.Repeat("स्टील का बर्तन, बड़ा ", 10)
	body := large(t, gst.MaxItems, func(n int) string { return fmt.Sprintf("%.195s %d", text, n) })
	require.Less(t, len(body), strictjson.MaxBody)
	req, err := gst.ParseRequest(body)
	require.NoError(t, err)
	answer, err := f.issue(t.Context(), key(1), req)
	require.NoError(t, err)
	again, err := f.issue(t.Context(), key(1), req)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, answer.Body, again.Body)
}

// TestAReplayOfALargeAnswerWritesNothing: DynamoDB bills a refused write by the item that refuses it.
func TestAReplayOfALargeAnswerWritesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	req, err := gst.ParseRequest(large(t, 500, randomText()))
	require.NoError(t, err)
	answer, err := f.issue(t.Context(), key(1), req)
	require.NoError(t, err)
	out, err := f.db.Client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &f.tables.Platform, Key: idempotency.ItemKey(key(1).Hash()),
	})
	require.NoError(t, err)
	size := dynamotest.Size(&types.AttributeValueMemberM{Value: out.Item})
	require.Greater(t, size, 200<<10, "bytes, for each KB of which a refused write takes a unit")
	for replay, issue := range map[string]func() (issuance.Result, error){
		"to the same request": func() (issuance.Result, error) { return f.issue(t.Context(), key(1), req) },
		"to an accepted one":  func() (issuance.Result, error) { return f.accept(t.Context(), key(1), req, nil) },
	} {
		f.db.Forget()
		again, err := issue()
		require.NoError(t, err, replay)
		require.Equal(t, answer.Body, again.Body)
		require.Equal(t, []string{"GetItem"}, f.db.Calls(), replay)
	}
	f.db.Forget()
	req.Items = req.Items[:499]
	_, err = f.issue(t.Context(), key(1), req)
	require.Equal(t, "idempotency_key_reused", codeOf(err))
	require.Equal(t, []string{"GetItem"}, f.db.Calls())
}

// TestAnAnswerThatCannotBeStored is refused before anything is done: an item of DynamoDB has at
// most 400 KB. The text hardly compresses.
func TestAnAnswerThatCannotBeStored(t *testing.T) {
	t.Parallel()
	f := setup(t)
	cjk := randomText()
	for lines, code := range map[int]string{200: "", 500: "", 990: "invoice_too_large"} {
		req, err := gst.ParseRequest(large(t, lines, cjk))
		require.NoError(t, err)
		f.db.Forget()
		_, err = f.issue(t.Context(), key(lines), req)
		require.Equal(t, code, codeOf(err), "%d lines", lines)
		if code != "" {
			require.Equal(t, []string{"GetItem"}, f.db.Calls())
		}
	}
}

// randomText returns descriptions that hardly compress, the same each time.
func randomText() func(int) string {
	random := rand.New(rand.NewPCG(1, 2))
	return func(int) string {
		var text []rune
		for len(text) < 270 {
			text = append(text, rune(0x4E00+random.IntN(0x5000))) // 3 bytes for 14 bits
		}
		return string(text)
	}
}

// large returns the body of a request with so many lines.
func large(t *testing.T, lines int, description func(n int) string) []byte {
	t.Helper()
	var items []any
	for n := range lines {
		items = append(items, map[string]any{
			"description": description(n), "hsn": "732393", "quantity": 1, "unit": "NOS", "unit_price": "250.00", "gst_rate": 18,
		})
	}
	body, err := json.Marshal(map[string]any{
		"invoice_number":     fmt.Sprintf("L-%d", lines),
		"seller_merchant_id": merchantID,
		"buyer_gstin":        "29AABCU9603R1ZJ",
		"invoice_date":       "2025-11-26",
		"items":              items,
	})
	require.NoError(t, err)
	return body
}
