package invoice

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
)

// externalRow claims the external id of a document for a merchant that wants them to be unique.
type externalRow struct {
	PK        string `dynamodbav:"pk"`
	SK        string `dynamodbav:"sk"`
	InvoiceID string `dynamodbav:"invoice_id"`
	SagaID    string `dynamodbav:"saga_id"`
}

const externalSK = "EXTERNAL"

func externalPK(inv gst.Invoice) string {
	return "EXTERNAL#" + inv.SellerMerchantID + "#" + inv.ExternalID
}

// ClaimExternalID returns the item of a transaction that claims an invoice's external id. Its
// condition fails if another document has it.
func (s *Store) ClaimExternalID(inv gst.Invoice) (types.TransactWriteItem, error) {
	return s.putNew(externalRow{PK: externalPK(inv), SK: externalSK, InvoiceID: inv.ID, SagaID: inv.SagaID})
}

// releaseExternalID returns the items of a transaction that frees the external id of an invoice which
// is deleted or cancelled: none if it claimed none.
func (s *Store) releaseExternalID(r row) ([]types.TransactWriteItem, error) {
	if r.External == "" {
		return nil, nil
	}
	release, err := dynamo.TransactDelete(s.table, dynamo.Key(r.External, externalSK), ofSaga(r.SagaID))
	return []types.TransactWriteItem{release}, err
}
