package inventory

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst/money"
)

// MaxConfirm bounds the sagas of one ConfirmAll. The sales of as many SKUs fit one transaction.
const MaxConfirm = maxTransaction / 2

// aloneAtOnce bounds how many sagas of a batch are confirmed one by one at the same time.
const aloneAtOnce = 10

// ConfirmAll calls Confirm for each of up to MaxConfirm sagas and returns their results in order. Sales
// are booked in shared transactions, with one write for each SKU. A saga whose barrier refuses is
// confirmed by itself and fails no other. Its repetitions in the batch get the same result.
func (s *Store) ConfirmAll(ctx context.Context, sagaIDs []string) []batch.Result[struct{}] {
	errs := s.confirmAll(ctx, slices.Compact(slices.Sorted(slices.Values(sagaIDs))))
	results := make([]batch.Result[struct{}], len(sagaIDs))
	for i, id := range sagaIDs {
		results[i].Err = errs[id]
	}
	return results
}

// confirmAll returns the errors by saga.
func (s *Store) confirmAll(ctx context.Context, sagaIDs []string) map[string]error {
	errs := map[string]error{}
	gates, err := s.readGates(ctx, sagaIDs)
	if err != nil {
		for _, id := range sagaIDs {
			errs[id] = err
		}
		return errs
	}
	var sales []barrier
	var alone []string
	for _, id := range sagaIDs {
		switch gate := gates[partition(id)]; {
		case !gate.isWholeSale():
			alone = append(alone, id)
		case gate.State == isReserved:
			sales = append(sales, gate)
		default: // a repetition
		}
	}
	for _, pack := range packs(sales) {
		refused, err := s.book(ctx, pack)
		for _, b := range pack {
			errs[b.sagaID()] = err
		}
		for _, b := range refused {
			alone = append(alone, b.sagaID())
		}
	}
	var mu sync.Mutex
	batch.Each(len(alone), aloneAtOnce, func(i int) {
		err := s.Confirm(ctx, alone[i])
		mu.Lock()
		defer mu.Unlock()
		errs[alone[i]] = err
	})
	return errs
}

// isWholeSale reports whether b is a whole reservation, of goods that leave, and not released.
func (b barrier) isWholeSale() bool {
	return b.Chunks == 1 && !b.Returns && (b.State == isReserved || b.State == isSold)
}

// readGates reads the gates of sagas by their partition keys, strongly consistent.
func (s *Store) readGates(ctx context.Context, sagaIDs []string) (map[string]barrier, error) {
	keys := make([]dynamo.Item, len(sagaIDs))
	for i, id := range sagaIDs {
		keys[i] = dynamo.Key(partition(id), gateSK)
	}
	items, err := dynamo.GetAll(ctx, s.db, s.cfg.Table, keys)
	if err != nil {
		return nil, fmt.Errorf("read barriers: %w", err)
	}
	gates := map[string]barrier{}
	for _, item := range items {
		b, err := decodeBarrier(item)
		if err != nil {
			return nil, err
		}
		gates[b.PK] = b
	}
	return gates, nil
}

// sums returns the quantities of barriers by SKU.
func sums(pack []barrier) map[owned]money.Quantity {
	all := map[owned]money.Quantity{}
	for _, b := range pack {
		for sku, q := range b.Lines {
			all[owned{b.MerchantID, sku}] += q
		}
	}
	return all
}

// packs divides barriers into those of one transaction each.
func packs(sales []barrier) (all [][]barrier) {
	var pack []barrier
	for _, b := range sales {
		more := append(slices.Clip(pack), b)
		if len(pack) > 0 && len(more)+len(sums(more)) > maxTransaction {
			all = append(all, pack)
			more = []barrier{b}
		}
		pack = more
	}
	if len(pack) > 0 {
		all = append(all, pack)
	}
	return all
}

// book confirms sales in one transaction. It returns those whose barriers refused it; the others are
// booked without them.
func (s *Store) book(ctx context.Context, pack []barrier) (refused []barrier, err error) {
	for len(pack) > 0 {
		items, err := s.bookItems(pack)
		if err != nil {
			return nil, err
		}
		err = s.transact(ctx, items)
		var rest []barrier
		for i, b := range pack {
			if _, no := dynamo.ConditionFailedAt(err, i); no {
				refused = append(refused, b)
			} else {
				rest = append(rest, b)
			}
		}
		if len(rest) == len(pack) {
			return refused, err
		}
		pack = rest
	}
	return refused, nil
}

// bookItems returns the transaction items that confirm sales: the barriers, in their order, and the
// sums of their SKUs.
func (s *Store) bookItems(pack []barrier) ([]types.TransactWriteItem, error) {
	var items []types.TransactWriteItem
	for _, b := range pack {
		item, err := s.barrierItem(b, isSold, nil)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	for of, q := range sums(pack) {
		item, err := s.bookItem(of.merchantID, of.sku, q)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// barrierItem returns the transaction item that changes a RESERVED barrier to a final state, with the
// reason of a refusal if there is one.
func (s *Store) barrierItem(b barrier, to state, reason *RefusedError) (types.TransactWriteItem, error) {
	change := expression.Set(expression.Name("state"), expression.Value(to)).
		Set(expression.Name("ttl"), expression.Value(s.expiry()))
	if reason != nil {
		change = change.Set(expression.Name("refused"), expression.Value(reason))
	}
	return dynamo.TransactUpdate(s.cfg.Table, b.key(), change, inState(isReserved))
}
