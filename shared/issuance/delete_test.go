package issuance_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/invoice"
)

// TestDelete tests the compensation of a commit that landed after all. The saga's record
// prevents that as the barrier, so the test changes the record by hand.
func TestDelete(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		number string
		voided bool
	}{"an allocated number stays, void": {"", true}, "a client's number is free again": {"C-1", false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			answer, err := f.issue(t.Context(), key(1), request(t, tc.number, "SKU", 1))
			require.NoError(t, err)
			held, err := f.sagas.CompensatingCheck(answer.SagaID)
			require.NoError(t, err)
			_, err = f.issuer.Invoices.Delete(t.Context(), answer.SagaID, held)
			require.Error(t, err, "the invoice of a committed saga is out of reach")
			require.Equal(t, 1, f.invoices(t))

			f.lockKey(t, answer.SagaID)
			outcome, err := f.issuer.Invoices.Delete(t.Context(), answer.SagaID, held)
			require.NoError(t, err)
			require.Equal(t, invoice.Deleted, outcome)
			outcome, err = f.issuer.Invoices.Delete(t.Context(), answer.SagaID, held)
			require.NoError(t, err)
			require.Equal(t, invoice.NothingToDelete, outcome, "a second delivery")
			require.Zero(t, f.invoices(t))
			next, err := f.issue(t.Context(), key(2), request(t, tc.number, "SKU", 1))
			require.NoError(t, err)
			require.Equal(t, tc.voided, strings.Contains(string(next.Body), "S/2526/0002"))
		})
	}
}

// lockKey makes a committed saga look as if it were being compensated.
func (f *fixture) lockKey(t *testing.T, sagaID string) {
	t.Helper()
	keyHash, _, _ := strings.Cut(sagaID, "-")
	_, err := f.db.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName:        &f.tables.Platform,
		Key:              idempotency.ItemKey(keyHash),
		UpdateExpression: aws.String("SET key_state = :held"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":held": &types.AttributeValueMemberS{Value: string(idempotency.Locked)},
		},
	})
	require.NoError(t, err)
}
