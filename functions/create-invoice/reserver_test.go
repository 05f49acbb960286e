package main

import (
	"context"
	"encoding/json"
	"testing"

	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
)

// fakeInventory keeps the payload of its invocation and reserves what it asks for.
type fakeInventory struct{ payload []byte }

func (f *fakeInventory) Invoke(
	_ context.Context, in *awslambda.InvokeInput, _ ...func(*awslambda.Options),
) (*awslambda.InvokeOutput, error) {
	f.payload = in.Payload
	return &awslambda.InvokeOutput{Payload: []byte(`{"outcome":"reserved"}`)}, nil
}

// TestTheInventoryGetsTheDirection: the goods of a note with restock come back.
func TestTheInventoryGetsTheDirection(t *testing.T) {
	for kind, returns := range map[string]bool{gst.TypeInvoice: false, gst.TypeCreditNote: true} {
		t.Run(kind, func(t *testing.T) {
			f := &fakeInventory{}
			req := gst.Request{DocumentType: kind, SellerMerchantID: "m", Items: []gst.Item{{SKU: "A", Quantity: 2000}}}
			req.Restock = returns
			require.NoError(t, reserver{client: f}.Reserve(t.Context(), "s", req))
			var got inventory.Reservation
			require.NoError(t, json.Unmarshal(f.payload, &got))
			require.Equal(t, inventory.Reservation{
				SagaID: "s", MerchantID: "m", Lines: []gst.StockLine{{SKU: "A", Quantity: 2000, Items: []int{0}}}, Returns: returns,
			}, got)
		})
	}
}
