package inventory

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/problem"
)

// finalize moves a RESERVED barrier and its stock to a final state. A barrier that is in this
// state already stays. It returns the barrier as it is then.
func (s *Store) finalize(ctx context.Context, b barrier, to state) (barrier, error) {
	if b.State == isReserved {
		var err error
		if b, err = s.move(ctx, b, to); err != nil {
			return barrier{}, err
		}
	}
	switch {
	case b.State == to:
		return b, nil
	case to == isReleased:
		return barrier{}, alreadyConfirmed(b)
	default:
		return barrier{}, contradiction("sold_after_release", "an invoice was issued for a reservation that is %s", b.State)
	}
}

func alreadyConfirmed(b barrier) error {
	if b.Returns {
		return &problem.Error{
			Kind: problem.Conflict, Code: "already_returned",
			Message: "a credit note was issued for this return; issue an invoice instead of releasing the stock",
		}
	}
	return &problem.Error{
		Kind: problem.Conflict, Code: "already_sold",
		Message: "an invoice was issued for this reservation; issue a credit note instead of releasing the stock",
	}
}

// move writes the transition of a RESERVED barrier. It returns the barrier that it finds if
// another call was first.
func (s *Store) move(ctx context.Context, b barrier, to state) (barrier, error) {
	err := s.end(ctx, b, to, nil)
	if existing, refused := dynamo.ConditionFailedAt(err, gateAt); refused {
		return decodeBarrier(existing)
	}
	for j, sku := range b.skus() {
		if _, refused := dynamo.ConditionFailedAt(err, gateAt+1+j); refused {
			return barrier{}, contradiction("stock_damaged", "SKU %s: the item that it was reserved of is missing", sku)
		}
	}
	if err != nil {
		return barrier{}, fmt.Errorf("finalize a reservation: %w", err)
	}
	b.State = to
	return b, nil
}

// end writes the end of a RESERVED barrier, and further items behind it. A shard that refuses has been merged
// since the reservation: then the stock item has what was reserved of it.
func (s *Store) end(
	ctx context.Context, b barrier, to state, reason *RefusedError, further ...types.TransactWriteItem,
) error {
	for {
		items, err := s.finalizeItems(b, to, reason)
		if err != nil {
			return err
		}
		err = s.transact(ctx, append(items, further...))
		if _, ended := dynamo.ConditionFailedAt(err, gateAt); ended || !b.forgetMerged(err) {
			return err
		}
	}
}

// forgetMerged forgets the shards that refused a transaction of finalizeItems, and reports whether there
// are any.
func (b barrier) forgetMerged(err error) bool {
	before := len(b.Shards)
	for j, sku := range b.skus() {
		if _, refused := dynamo.ConditionFailedAt(err, gateAt+1+j); refused {
			delete(b.Shards, sku)
		}
	}
	return len(b.Shards) < before
}

// finalizeItems returns the transaction items that finalize a barrier: the barrier, with the
// reason of a refusal if there is one, and its stock.
func (s *Store) finalizeItems(b barrier, to state, reason *RefusedError) ([]types.TransactWriteItem, error) {
	item, err := s.barrierItem(b, to, reason)
	if err != nil {
		return nil, err
	}
	items := []types.TransactWriteItem{item}
	for _, sku := range b.skus() {
		item, err := s.endItem(b, sku, to)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}
