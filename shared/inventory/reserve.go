package inventory

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// gateAt is the position of the gate, or of the barrier to finalize, in every transaction of
// this package.
const gateAt = 0

// Reserve moves all lines from on hand to reserved, or from sold if the goods come back, or none.
// Nil means that they are reserved, by this call or by an earlier one for the same saga. A
// *RefusedError means that nothing is reserved, nor will be; one of code StockBusy that other sales
// held the stock items all the time, so that another saga may succeed. After any other error something may
// be reserved: call Reserve again, or Release.
func (s *Store) Reserve(ctx context.Context, r Reservation) error {
	chunks, err := s.chunks(r)
	if err != nil {
		return err
	}
	for i := range chunks {
		if err := s.reserve(ctx, chunks, i); err != nil {
			return err
		}
	}
	return nil
}

// reserve reserves chunk i. Nil means that the chunk is reserved.
func (s *Store) reserve(ctx context.Context, chunks []barrier, i int) error {
	patience, cancel := context.WithTimeout(ctx, s.cfg.Patience)
	defer cancel()
	a := s.newAttempt(chunks, i)
	contended, err := s.retry(patience, func() error { return a.try(ctx) })
	if contended && ctx.Err() == nil {
		return s.refuse(ctx, chunks, i, stockBusy())
	}
	if gate, refused := dynamo.ConditionFailedAt(err, gateAt); refused {
		return s.checkGate(ctx, chunks, gate)
	}
	stockAt := min(i, 1) + 1
	if existing, refused := dynamo.ConditionFailedAt(err, stockAt-1); refused {
		return checkSameReservation(chunks[i], existing)
	}
	short, decodeErr := a.shortages(ctx, stockAt, err)
	switch {
	case decodeErr != nil:
		return decodeErr
	case len(short) > 0:
		return s.refuse(ctx, chunks, i, refusal(short))
	case err != nil:
		return fmt.Errorf("reserve stock: %w", err)
	default:
		return nil
	}
}

// reserveItems returns the transaction items of chunk i: the gate, the chunk's barrier (which
// is the gate itself for the first chunk), the stock.
func (s *Store) reserveItems(chunks []barrier, i int) ([]types.TransactWriteItem, error) {
	var items []types.TransactWriteItem
	if i > 0 {
		gate, err := s.checkReserved(chunks[0])
		if err != nil {
			return nil, err
		}
		items = append(items, gate)
	}
	put, err := s.putNew(chunks[i])
	if err != nil {
		return nil, err
	}
	items = append(items, put)
	for _, sku := range chunks[i].skus() {
		item, err := s.takeItem(chunks[i], sku)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// checkGate interprets a gate that exists already, and notes where its stock is reserved. Nil means that
// the saga's stock is reserved up to here.
func (s *Store) checkGate(ctx context.Context, chunks []barrier, item dynamo.Item) error {
	gate, err := decodeBarrier(item)
	if err != nil {
		return err
	}
	if gate.State != isReleased {
		chunks[0].Shards = gate.Shards
		return checkSameReservation(chunks[0], item)
	}
	if gate.Chunks != 1 { // the process that released the gate may have crashed before the other chunks
		if err := s.releaseChunks(ctx, gate.PK); err != nil {
			return err
		}
	}
	if gate.Refused != nil {
		return gate.Refused
	}
	return sagaEnded()
}

func checkSameReservation(expected barrier, item dynamo.Item) error {
	existing, err := decodeBarrier(item)
	if err == nil && !existing.sameReservation(expected) {
		err = contradiction("reservation_mismatch", "another reservation exists for this saga")
	}
	return err
}

// refuse changes the gate to RELEASED, releases what the saga has reserved, and returns reason.
// Nil means that another delivery of this Reserve has reserved chunk i: the reservation
// continues.
func (s *Store) refuse(ctx context.Context, chunks []barrier, i int, reason *RefusedError) error {
	err := s.writeRefusal(ctx, chunks, i, reason)
	if gate, refused := dynamo.ConditionFailedAt(err, gateAt); refused {
		return s.checkGate(ctx, chunks, gate)
	}
	if _, refused := dynamo.ConditionFailedAt(err, gateAt+1+len(chunks[0].Lines)); refused && i > 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("release after a refusal (%s): %w", reason.Code, err)
	}
	if i > 1 {
		if err := s.releaseChunks(ctx, chunks[0].PK); err != nil {
			return err
		}
	}
	return reason
}

// writeRefusal writes a refusal of chunk i: a new gate, or the release of the existing one on condition that
// chunk i is not reserved.
func (s *Store) writeRefusal(ctx context.Context, chunks []barrier, i int, reason *RefusedError) error {
	if i == 0 {
		gate, err := s.putNew(barrier{
			PK: chunks[0].PK, SK: gateSK, State: isReleased, MerchantID: chunks[0].MerchantID,
			Chunks: 1, Refused: reason, TTL: s.expiry(),
		})
		if err != nil {
			return err
		}
		return s.transact(ctx, []types.TransactWriteItem{gate})
	}
	absent, err := s.checkAbsent(chunks[i])
	if err != nil {
		return err
	}
	return s.end(ctx, chunks[0], isReleased, reason, absent)
}
