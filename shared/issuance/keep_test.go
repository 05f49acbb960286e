package issuance_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
)

// TestAnInvoiceSaysHowLongItIsKept: the day follows from its date and from what its seller is.
func TestAnInvoiceSaysHowLongItIsKept(t *testing.T) {
	t.Parallel()
	for gstin, until := range map[gst.GSTIN]string{
		"27AABCU9603R1ZN": "2034-03-31", // a company
		"27AAPFU0939F1ZV": "2034-03-31", // a firm, which may be an LLP
		"27AAAPL1234C1Z0": "2032-12-31", // a person
	} {
		f := setup(t)
		f.services.setSeller(seller(gstin, gst.Advise))
		answer, err := f.issue(t.Context(), key(1), request(t, "K-1", "", 1))
		require.NoError(t, err)
		out, err := f.db.GetItem(t.Context(), &dynamodb.GetItemInput{
			TableName: &f.tables.Invoices, ConsistentRead: aws.Bool(true),
			Key: dynamo.Key("INVOICE#"+answer.InvoiceID, "INVOICE"),
		})
		require.NoError(t, err)
		require.Equal(t, until, dynamo.Text(out.Item["keep_until"]), gstin)
	}
}
