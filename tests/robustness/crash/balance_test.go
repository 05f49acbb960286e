package crash_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
)

// checkBalance checks that the balance of an invoice counts each of its notes once.
func (f *fixture) checkBalance(t *testing.T, inv gst.Invoice, all []gst.Invoice) {
	t.Helper()
	type balance struct {
		Count        int         `dynamodbav:"note_count"`
		TaxableValue money.Paise `dynamodbav:"taxable_value"`
	}
	var got, want balance
	out, err := f.db.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &f.tables.Invoices, ConsistentRead: aws.Bool(true), Key: dynamo.Key("CREDIT#"+inv.ID, "BALANCE"),
	})
	require.NoError(t, err)
	require.NoError(t, attributevalue.UnmarshalMap(out.Item, &got))
	for _, note := range all {
		if note.OriginalInvoiceID == inv.ID {
			want.Count++
			want.TaxableValue += note.Totals.TaxableValue
		}
	}
	require.Equal(t, want, got, "P1: notes and their value")
}
