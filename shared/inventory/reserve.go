package inventory

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// gateAt is the place of the gate in every transaction of this package.
const gateAt = 0

// Reserve takes all lines off what is on hand, or none. Nil means that they are
// reserved, by this call or by an earlier one for the same saga. A *RefusedError
// means that nothing is, nor will be. After any other error something may be
// reserved: ask again, or Release.
func (s *Store) Reserve(ctx context.Context, r Reservation) error {
	want, err := s.plan(r)
	if err != nil {
		return err
	}
	for i := range want {
		if err := s.reserve(ctx, want, i); err != nil {
			return err
		}
	}
	return nil
}

// reserve takes chunk i. Nil means that the chunk is reserved.
func (s *Store) reserve(ctx context.Context, want []barrier, i int) error {
	items, err := s.reserveItems(want, i)
	if err != nil {
		return err
	}
	stockAt := len(items) - len(want[i].Lines)
	err = s.transact(ctx, items)
	if gate, refused := dynamo.ConditionFailedAt(err, gateAt); refused {
		return s.checkGate(ctx, want[0], gate)
	}
	if old, refused := dynamo.ConditionFailedAt(err, stockAt-1); refused {
		return sameAs(want[i], old)
	}
	for j, sku := range want[i].skus() {
		if item, short := dynamo.ConditionFailedAt(err, stockAt+j); short {
			why, err := shortage(want[i], sku, item)
			if err != nil {
				return err
			}
			return s.refuse(ctx, want, i, why)
		}
	}
	if err != nil {
		return fmt.Errorf("reserve stock: %w", err)
	}
	return nil
}

// reserveItems is the transaction of chunk i: the gate, the chunk's barrier (the
// first chunk's is the gate itself), the stock.
func (s *Store) reserveItems(want []barrier, i int) ([]types.TransactWriteItem, error) {
	put, err := s.put(want[i])
	if err != nil {
		return nil, err
	}
	items := []types.TransactWriteItem{put}
	if i > 0 {
		items = []types.TransactWriteItem{s.gateOpen(want[0]), put}
	}
	return append(items, s.shifts(want[i], onHand, reserved)...), nil
}

func (s *Store) shifts(b barrier, from, to string) []types.TransactWriteItem {
	var items []types.TransactWriteItem
	for _, sku := range b.skus() {
		items = append(items, s.moveQuantity(b.MerchantID, sku, b.Lines[sku], from, to))
	}
	return items
}

// checkGate judges the gate that was found in place. Nil means: reserved so far.
func (s *Store) checkGate(ctx context.Context, want barrier, item dynamo.Item) error {
	gate, err := decode(item)
	if err != nil {
		return err
	}
	if gate.State != isReleased {
		return sameAs(want, item)
	}
	if gate.Chunks != 1 { // whoever released it may have died before the other chunks
		if err := s.releaseRest(ctx, gate.PK); err != nil {
			return err
		}
	}
	if gate.Refused != nil {
		return gate.Refused
	}
	return sagaEnded()
}

func sameAs(want barrier, item dynamo.Item) error {
	b, err := decode(item)
	if err == nil && !b.same(want) {
		err = violated("reservation_mismatch", "another reservation was made for this saga")
	}
	return err
}

// refuse turns the gate to RELEASED before it answers why, giving back what the
// saga holds. Nil means that another delivery of this Reserve got chunk i in the
// meantime: the reservation goes on.
func (s *Store) refuse(ctx context.Context, want []barrier, i int, why *RefusedError) error {
	items, err := s.refuseItems(want, i, why)
	if err != nil {
		return err
	}
	err = s.transact(ctx, items)
	if gate, refused := dynamo.ConditionFailedAt(err, gateAt); refused {
		return s.checkGate(ctx, want[0], gate)
	}
	if _, refused := dynamo.ConditionFailedAt(err, len(items)-1); refused && i > 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("release after a refusal (%s): %w", why.Code, err)
	}
	if i > 1 {
		if err := s.releaseRest(ctx, want[0].PK); err != nil {
			return err
		}
	}
	return why
}

func (s *Store) refuseItems(want []barrier, i int, why *RefusedError) ([]types.TransactWriteItem, error) {
	if i == 0 {
		put, err := s.put(barrier{
			PK: want[0].PK, SK: gateSK, State: isReleased, MerchantID: want[0].MerchantID,
			Chunks: 1, Refused: why, TTL: s.expiry(),
		})
		return []types.TransactWriteItem{put}, err
	}
	items, err := s.finalizeItems(want[0], isReleased, why)
	return append(items, s.absent(want[i])), err
}
