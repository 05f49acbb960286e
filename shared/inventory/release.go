package inventory

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
)

// Results of Release.
const (
	Released         = "released"
	NothingToRelease = "nothing_to_release"
)

// Release moves what the saga has reserved back to where it was, and makes every later Reserve of
// the saga fail. It may be called at any time and any number of times; the result stays the same.
// Errors: a *problem.Error of kind Conflict, code `already_sold` or `already_returned`, when an
// invoice or a credit note was issued for the reservation; of kind Internal when stock and barrier
// contradict each other. After any other error, call it again.
func (s *Store) Release(ctx context.Context, sagaID, merchantID string) (string, error) {
	gate, err := s.gate(ctx, sagaID, merchantID)
	if err != nil {
		return "", err
	}
	if gate.MerchantID != merchantID {
		return "", contradiction("reservation_mismatch", "the saga belongs to another merchant")
	}
	if gate, err = s.finalize(ctx, gate, isReleased); err != nil {
		return "", err
	}
	if gate.Chunks != 1 {
		if err := s.releaseChunks(ctx, gate.PK); err != nil {
			return "", err
		}
	}
	if len(gate.Lines) == 0 {
		return NothingToRelease, nil
	}
	return Released, nil
}

// gate reads a saga's gate. If there is none, it writes one that is RELEASED.
func (s *Store) gate(ctx context.Context, sagaID, merchantID string) (barrier, error) {
	if sagaID == "" || !gst.ValidMerchantID(merchantID) {
		return barrier{}, invalid("invalid_release", "the saga's or the merchant's id is missing or malformed")
	}
	found, err := s.barriers(ctx, partition(sagaID))
	if err != nil {
		return barrier{}, err
	}
	if len(found) > 0 && found[0].SK == gateSK {
		return found[0], nil
	}
	gate := barrier{PK: partition(sagaID), SK: gateSK, State: isReleased, MerchantID: merchantID, TTL: s.expiry()}
	put, err := s.putNew(gate)
	if err != nil {
		return barrier{}, err
	}
	err = s.transact(ctx, []types.TransactWriteItem{put})
	if existing, refused := dynamo.ConditionFailedAt(err, gateAt); refused {
		return decodeBarrier(existing)
	}
	if err != nil {
		return barrier{}, fmt.Errorf("write a released gate: %w", err)
	}
	return gate, nil
}

// releaseChunks releases all chunks of a saga but the gate, which is RELEASED already.
func (s *Store) releaseChunks(ctx context.Context, partitionKey string) error {
	all, err := s.barriers(ctx, partitionKey)
	if err != nil {
		return err
	}
	for _, b := range all {
		if b.SK == gateSK {
			continue
		}
		if _, err := s.finalize(ctx, b, isReleased); err != nil {
			return err
		}
	}
	return nil
}
