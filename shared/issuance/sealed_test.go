package issuance_test

import (
	"bytes"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

// records returns the items of the platform table.
func (f *fixture) records(t *testing.T) []dynamo.Item {
	t.Helper()
	out, err := f.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &f.tables.Platform})
	require.NoError(t, err)
	return out.Items
}

// shows reports whether an item shows text, in clear or compressed.
func shows(item dynamo.Item, text string) bool {
	for _, value := range item {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			if bytes.Contains([]byte(v.Value), []byte(text)) {
				return true
			}
		case *types.AttributeValueMemberB:
			body, _ := idempotency.Decompress(v.Value)
			if bytes.Contains(append(body, v.Value...), []byte(text)) {
				return true
			}
		}
	}
	return false
}

// TestNoAnswerIsStoredInClear by any way that a request comes, and each can be replayed.
func TestNoAnswerIsStoredInClear(t *testing.T) {
	t.Parallel()
	f := setup(t)
	req := dated(t, "A-1", "2025-11-26", map[string]any{"buyer_name": "Asha Rao"})
	first, err := f.issue(t.Context(), key(1), req)
	require.NoError(t, err)
	body := []byte(`{}`) // the queue's consumer gets the parsed request below
	queued := dated(t, "A-2", "2025-11-26", map[string]any{"buyer_name": "Asha Rao"})
	_, err = f.issuer.Accept(t.Context(), issuance.Actor{}, key(2), queued, body)
	require.NoError(t, err)
	second, err := f.issue(t.Context(), key(2), queued)
	require.NoError(t, err)
	items := f.records(t)
	require.NotEmpty(t, items)
	for _, item := range items {
		require.False(t, shows(item, "Asha"), "%v", item)
		require.NotEqual(t, idempotency.Fingerprint(req.Canonical()), dynamo.Text(item["fingerprint"]))
	}
	again, err := f.issue(t.Context(), key(1), req)
	require.NoError(t, err)
	require.Equal(t, string(first.Body), string(again.Body))
	accepted, err := f.issuer.Accept(t.Context(), issuance.Actor{}, key(2), queued, body)
	require.NoError(t, err)
	require.Equal(t, string(second.Body), string(accepted.Body))
}

// TestTheAnswerOfAnotherKeyIsNoAnswer also to someone who may write the table.
func TestTheAnswerOfAnotherKeyIsNoAnswer(t *testing.T) {
	t.Parallel()
	f := setup(t)
	req := dated(t, "A-1", "2025-11-26", nil)
	_, err := f.issue(t.Context(), key(1), req)
	require.NoError(t, err)
	_, err = f.issue(t.Context(), key(2), dated(t, "A-2", "2025-11-26", nil))
	require.NoError(t, err)
	sealed := map[string]types.AttributeValue{}
	var own dynamo.Item
	for _, item := range f.records(t) {
		sealed[dynamo.Text(item["number"])] = item["sealed"]
		if dynamo.Text(item["number"]) == "A-1" {
			own = item
		}
	}
	own["sealed"] = sealed["A-2"]
	_, err = f.db.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &f.tables.Platform, Item: own})
	require.NoError(t, err)
	_, err = f.issue(t.Context(), key(1), req)
	require.Equal(t, problem.Internal, problem.KindOf(err))
	require.ErrorIs(t, err, &problem.Error{Code: "internal"})
}
