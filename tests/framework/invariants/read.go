package invariants

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/audit/audittest"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/tests/framework/stack"
)

// Read takes a snapshot of the tables and the bus. Call it when nothing is in flight.
func (f *Fixture) Read(ctx context.Context) (*Snapshot, error) {
	s := &Snapshot{
		SagaOf: map[string]string{}, Numbers: map[string]int{}, States: map[string]string{},
		Entries: map[string]int{},
	}
	for m := range Merchants {
		merchant := f.Merchant(m)
		err := errors.Join(f.readInvoices(ctx, merchant, s), f.readStock(ctx, merchant, s))
		if err != nil {
			return nil, err
		}
	}
	if err := f.readLog(ctx, s); err != nil {
		return nil, err
	}
	deadLetters, errDeadLetters := f.Operator.DeadLetters(ctx)
	s.DeadLetters = len(deadLetters)
	errStates := f.readStates(ctx, s)
	var errEvents error
	s.Published, s.IDs, errEvents = f.events.all(ctx)
	return s, errors.Join(errDeadLetters, errStates, errEvents)
}

// readLog counts the merchants' entries in the audit log by saga.
func (f *Fixture) readLog(ctx context.Context, s *Snapshot) error {
	entries, err := audittest.All(ctx, f.Audit)
	if err != nil {
		return err
	}
	own := map[string]bool{}
	for m := range Merchants {
		own[f.Merchant(m)] = true
	}
	for _, e := range entries {
		if own[e.MerchantID] && e.InvoiceID != "" {
			s.Entries[e.ID]++
		}
	}
	return nil
}

func (f *Fixture) readStock(ctx context.Context, merchant string, s *Snapshot) error {
	for n := range SKUs {
		l, err := f.settledStock(ctx, merchant, SKU(n))
		if err != nil {
			return err
		}
		s.Sold += l.Sold
		if l.Reserved != 0 || l.OnHand+l.Sold != onHand*unit {
			s.Unbalanced = append(s.Unbalanced, merchant+"/"+SKU(n))
		}
	}
	return nil
}

// settledStock reads a SKU's stock once nothing is reserved. When a saga ends, its event
// may still be between the bus and the queue. After a timeout it returns the level as it
// is: the reserved quantity then fails the check.
func (f *Fixture) settledStock(ctx context.Context, merchant, sku string) (level columns, err error) {
	timeout := stack.Await(ctx, 30*time.Second, func() (bool, error) {
		level, err = f.columns(ctx, merchant, sku)
		return level.Reserved == 0, err
	})
	if err == nil && timeout != nil {
		return level, nil
	}
	return level, err
}

// columns are those of a SKU's items, or their sums.
type columns struct {
	OnHand   money.Quantity `dynamodbav:"on_hand"`
	Reserved money.Quantity `dynamodbav:"reserved"`
	Sold     money.Quantity `dynamodbav:"sold"`
}

// columns adds up all items of a SKU: its stock, its sales, and its shards.
func (f *Fixture) columns(ctx context.Context, merchant, sku string) (sum columns, err error) {
	partition := expression.Key("pk").Equal(expression.Value("STOCK#" + merchant + "#" + sku))
	items, err := dynamo.QueryAll(ctx, f.DB, f.Vars(deployment.InventoryTable), partition)
	if err != nil {
		return columns{}, err
	}
	for _, item := range items {
		var c columns
		if err := attributevalue.UnmarshalMap(item, &c); err != nil {
			return columns{}, err
		}
		sum = columns{sum.OnHand + c.OnHand, sum.Reserved + c.Reserved, sum.Sold + c.Sold}
	}
	return sum, nil
}
