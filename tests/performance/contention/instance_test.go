package contention_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/privacy"
)

// cell is what the instances of the functions share.
type cell struct {
	db            *dynamodb.Client
	tables        dynamotest.Names
	compensations atomic.Int64
	keys          atomic.Int64
}

func newCell(t *testing.T, db *dynamodb.Client) *cell {
	t.Helper()
	return &cell{db: db, tables: dynamotest.Tables(t, db)}
}

// instance is an instance of create-invoice, together with its dependencies.
type instance struct {
	*cell
	*issuance.Issuer

	stock *inventory.Store
}

func (c *cell) start() *instance {
	i := &instance{cell: c, stock: inventory.New(c.db, inventory.Config{Table: c.tables.Inventory}, time.Now)}
	i.Issuer = &issuance.Issuer{
		Sagas:     saga.Open(c.db, saga.Config{Table: c.tables.Platform}, time.Now),
		Invoices:  invoice.NewStore(c.db, c.tables.Invoices),
		Breaker:   breaker.New(c.db, breaker.Config{Table: c.tables.Platform, Name: "inventory", InFlight: 32}, time.Now),
		Merchants: merchants{}, Inventory: i, Compensator: c, Queue: sink{}, HandOff: sink{},
		Buyers: privacy.NewStore(c.db, c.tables.Keys, time.Now),
		Limits: issuance.DefaultLimits(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	return i
}

// issue issues an invoice of a merchant, in the series S or with a number of its own, with one unit
// of a SKU if it is not empty.
func (i *instance) issue(merchantID, series, sku string) error {
	n := i.keys.Add(1)
	body := map[string]any{
		"seller_merchant_id": merchantID, "buyer_gstin": "29AABCU9603R1ZJ", "invoice_date": "2025-11-26",
		"items": []any{map[string]any{
			"description": "Steel bottle", "hsn": "732393", "quantity": 1, "unit": "NOS",
			"unit_price": "250.00", "gst_rate": 18,
		}},
	}
	if sku != "" {
		body["items"].([]any)[0].(map[string]any)["sku"] = sku
	}
	if series != "" {
		body["series"] = series
	} else {
		body["invoice_number"] = fmt.Sprint("N-", n)
	}
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := gst.ParseRequest(b)
	if err != nil {
		return err
	}
	key := idempotency.Key{Scope: merchantID, ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n)}
	_, err = i.Issue(context.Background(), issuance.Client("cl_load"), key, req)
	return err
}

// Reserve implements issuance.Inventory as create-invoice's call of reserve-inventory does.
func (i *instance) Reserve(ctx context.Context, sagaID string, req gst.Request) error {
	err := i.stock.Reserve(ctx, inventory.Reservation{
		SagaID: sagaID, MerchantID: req.SellerMerchantID, Lines: req.StockLines(), Returns: req.Restock,
	})
	if _, refused := errors.AsType[*inventory.RefusedError](err); refused {
		return saga.Refuse(err)
	}
	return err
}

// Start implements issuance.Compensator.
func (c *cell) Start(context.Context, saga.Record) error {
	c.compensations.Add(1)
	return nil
}

// merchants knows one profile.
type merchants struct{}

func (merchants) Get(_ context.Context, id string) (merchant.Profile, error) {
	return merchant.Profile{
		ID: id, Name: "Brightway Stores", GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise, InUse: true,
		Address: "Shop 14, Phoenix Market, Pune 411001",
	}, nil
}

func (m merchants) Read(ctx context.Context, id string) (merchant.Profile, error) {
	return m.Get(ctx, id)
}

func (merchants) MarkInUse(string, gst.GSTIN) (types.TransactWriteItem, error) {
	return types.TransactWriteItem{}, errors.New("the merchant is in use")
}

// sink takes messages.
type sink struct{}

func (sink) Send(context.Context, string, any) error { return nil }

// numbers checks that the invoices of a series have the numbers from 1 to n.
func (c *cell) numbers(t *testing.T, merchantID, series string, n int) {
	t.Helper()
	next, err := invoice.NewStore(c.db, c.tables.Invoices).NextInSeries(t.Context(), invoice.NumberScope{
		MerchantID: merchantID, DocumentType: "INV", FinancialYear: "2526",
	}, series)
	require.NoError(t, err)
	require.EqualValues(t, n+1, next)
}
