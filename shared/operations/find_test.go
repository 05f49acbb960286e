package operations_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/operations"
	"github.com/invochain/invochain/shared/problem"
)

// TestFind finds a saga by what a customer knows: the key, or the number, also a void one.
func TestFind(t *testing.T) {
	db := dynamotest.Client(t)
	tables := dynamotest.Tables(t, db)
	sagas := saga.Open(db, saga.Config{Table: tables.Platform}, time.Now) //nolint:forbidigo // any clock will do
	s := &operations.System{Sagas: sagas, Invoices: invoice.NewStore(db, tables.Invoices)}
	k, err := idempotency.ParseKey("m", key)
	require.NoError(t, err)
	begun, err := sagas.Begin(t.Context(), k, "f", saga.BeginInput{MerchantID: "m"}, idempotency.WaitLimits{})
	require.NoError(t, err)
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	void := map[string]types.AttributeValue{
		"pk": text("NUMBER#m#INV#2526#S/2526/0007"), "sk": text("NUMBER"), "saga_id": text(begun.Saga.SagaID),
		"status": text("VOID"),
	}
	_, err = db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &tables.Invoices, Item: void})
	require.NoError(t, err)

	found, err := s.SagasOfKey(t.Context(), "m", `"`+key+`"`)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, begun.Saga.SagaID, found[0].SagaID)
	scope := invoice.NumberScope{MerchantID: "m", DocumentType: "INV", FinancialYear: "2526"}
	r, err := s.SagaOfNumber(t.Context(), scope, "s/2526/0007")
	require.NoError(t, err)
	require.Equal(t, begun.Saga.SagaID, r.SagaID)

	_, err = s.SagasOfKey(t.Context(), "another", key)
	require.ErrorIs(t, err, &problem.Error{Code: "saga_not_found"})
	_, err = s.SagasOfKey(t.Context(), "m", "order-77")
	require.ErrorIs(t, err, &problem.Error{Code: "idempotency_key_invalid"})
	scope.FinancialYear = "2627"
	_, err = s.SagaOfNumber(t.Context(), scope, "S/2526/0007")
	require.ErrorIs(t, err, &problem.Error{Code: "invoice_not_found"})
}
