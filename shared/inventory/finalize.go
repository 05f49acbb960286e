package inventory

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/problem"
)

// Confirm turns a saga's reservation into a sale, or a return. It may be called any number of times. A saga
// that reserved nothing has nothing to confirm. Errors: a *problem.Error of kind Internal,
// code `sold_after_release`, when the reservation was released although the invoice was
// issued, which must never happen; of kind Internal when stock and barrier contradict each
// other. After any other error, call it again.
func (s *Store) Confirm(ctx context.Context, sagaID string) error {
	all, err := s.barriers(ctx, partition(sagaID))
	if err != nil {
		return err
	}
	if len(all) > 0 && all[0].SK == gateSK && all[0].State == isReserved && all[0].Chunks != len(all) {
		return contradiction("reservation_incomplete", "%d of %d chunks are reserved", len(all), all[0].Chunks)
	}
	for _, b := range all {
		_, confirmed := b.target()
		if _, err := s.finalize(ctx, b, confirmed); err != nil {
			return err
		}
	}
	return nil
}

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
	items, err := s.finalizeItems(b, to, nil)
	if err != nil {
		return barrier{}, err
	}
	err = s.transact(ctx, items)
	if existing, refused := dynamo.ConditionFailedAt(err, gateAt); refused {
		return decodeBarrier(existing)
	}
	for j, sku := range b.skus() {
		if _, refused := dynamo.ConditionFailedAt(err, 1+j); refused {
			return barrier{}, contradiction("stock_damaged", "SKU %s: less is reserved than the barrier records", sku)
		}
	}
	if err != nil {
		return barrier{}, fmt.Errorf("finalize a reservation: %w", err)
	}
	b.State = to
	return b, nil
}

// finalizeItems returns the transaction items that finalize a barrier: the barrier, with the
// reason of a refusal if there is one, and its stock.
func (s *Store) finalizeItems(b barrier, to state, reason *RefusedError) ([]types.TransactWriteItem, error) {
	change := expression.Set(expression.Name("state"), expression.Value(to)).
		Set(expression.Name("ttl"), expression.Value(s.expiry()))
	if reason != nil {
		change = change.Set(expression.Name("refused"), expression.Value(reason))
	}
	update, err := dynamo.TransactUpdate(s.cfg.Table, b.key(), change, inState(isReserved))
	if err != nil {
		return nil, err
	}
	target, confirmed := b.target()
	if to != confirmed {
		target = b.source()
	}
	moves, err := s.moveItems(b, reserved, target)
	return append([]types.TransactWriteItem{update}, moves...), err
}
