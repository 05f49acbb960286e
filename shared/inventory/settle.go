package inventory

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// Outcomes of Release.
const (
	Released         = "released"
	NothingToRelease = "nothing_to_release"
)

// Release gives back what the saga has reserved, and sees to it that nothing will
// be reserved for it later. It may be called at any time and as often as one
// likes; the outcome stays the same. Errors: a *problem.Error of kind Conflict,
// code `already_sold`, when an invoice stands on the reservation; of kind Internal
// when books and barrier contradict each other; after any other, call again.
func (s *Store) Release(ctx context.Context, sagaID, merchantID string) (string, error) {
	gate, err := s.gate(ctx, sagaID, merchantID)
	if err != nil {
		return "", err
	}
	if gate.MerchantID != merchantID {
		return "", violated("reservation_mismatch", "the saga belongs to another merchant")
	}
	if gate, err = s.finalize(ctx, gate, isReleased); err != nil {
		return "", err
	}
	if gate.Chunks != 1 {
		if err := s.releaseRest(ctx, gate.PK); err != nil {
			return "", err
		}
	}
	if len(gate.Lines) == 0 {
		return NothingToRelease, nil
	}
	return Released, nil
}

// gate reads a saga's gate. Where there is none it puts one that is RELEASED.
func (s *Store) gate(ctx context.Context, sagaID, merchantID string) (barrier, error) {
	if sagaID == "" || !gst.ValidMerchantID(merchantID) {
		return barrier{}, invalid("invalid_release", "the saga or the merchant is missing or malformed")
	}
	found, err := s.barriers(ctx, partition(sagaID))
	if err != nil {
		return barrier{}, err
	}
	if len(found) > 0 && found[0].SK == gateSK {
		return found[0], nil
	}
	shut := barrier{PK: partition(sagaID), SK: gateSK, State: isReleased, MerchantID: merchantID, TTL: s.expiry()}
	put, err := s.put(shut)
	if err != nil {
		return barrier{}, err
	}
	err = s.transact(ctx, []types.TransactWriteItem{put})
	if old, refused := dynamo.ConditionFailedAt(err, gateAt); refused {
		return decode(old)
	}
	if err != nil {
		return barrier{}, fmt.Errorf("shut the gate: %w", err)
	}
	return shut, nil
}

// releaseRest gives back what the chunks behind a gate that is shut still hold.
func (s *Store) releaseRest(ctx context.Context, partitionKey string) error {
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

// Confirm turns a saga's reservation into a sale. It may be called as often as
// one likes. A saga that reserved nothing has nothing to confirm. Errors: a
// *problem.Error of kind Internal, code `sold_after_release`, when the reservation
// was released although the invoice was issued, which nobody should ever see; of
// kind Internal when books and barrier contradict each other; after any other,
// call again.
func (s *Store) Confirm(ctx context.Context, sagaID string) error {
	all, err := s.barriers(ctx, partition(sagaID))
	if err != nil {
		return err
	}
	if len(all) > 0 && all[0].SK == gateSK && all[0].State == isReserved && all[0].Chunks != len(all) {
		return violated("reservation_incomplete", "%d of %d chunks are reserved", len(all), all[0].Chunks)
	}
	for _, b := range all {
		if _, err := s.finalize(ctx, b, isSold); err != nil {
			return err
		}
	}
	return nil
}

// finalize moves a RESERVED barrier and its stock on together; one that is settled
// so already stays. It returns the barrier as it then stands.
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
		return barrier{}, &problem.Error{
			Kind: problem.Conflict, Code: "already_sold",
			Message: "an invoice stands on this reservation: credit it instead of releasing its stock",
		}
	default:
		return barrier{}, violated("sold_after_release", "an invoice was issued on a reservation that is %s", b.State)
	}
}

func (s *Store) move(ctx context.Context, b barrier, to state) (barrier, error) {
	items, err := s.finalizeItems(b, to, nil)
	if err != nil {
		return barrier{}, err
	}
	err = s.transact(ctx, items)
	if old, refused := dynamo.ConditionFailedAt(err, gateAt); refused {
		return decode(old)
	}
	for j, sku := range b.skus() {
		if _, refused := dynamo.ConditionFailedAt(err, 1+j); refused {
			return barrier{}, violated("stock_damaged", "SKU %s: less is reserved than the barrier says", sku)
		}
	}
	if err != nil {
		return barrier{}, fmt.Errorf("settle a reservation: %w", err)
	}
	b.State = to
	return b, nil
}

// finalizeItems is the transaction that settles a barrier: the barrier, the stock.
func (s *Store) finalizeItems(b barrier, to state, why *RefusedError) ([]types.TransactWriteItem, error) {
	update := &types.Update{
		TableName: &s.cfg.Table, Key: key(b.PK, b.SK),
		UpdateExpression:         aws.String("SET #state = :to, #ttl = :ttl"),
		ConditionExpression:      aws.String("#state = :reserved"),
		ExpressionAttributeNames: map[string]string{"#state": "state", "#ttl": "ttl"},
		ExpressionAttributeValues: dynamo.Item{
			":to": text(string(to)), ":ttl": number(s.expiry()), ":reserved": text(string(isReserved)),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if why != nil {
		refused, err := attributevalue.Marshal(why)
		if err != nil {
			return nil, err
		}
		*update.UpdateExpression += ", refused = :why"
		update.ExpressionAttributeValues[":why"] = refused
	}
	target := onHand
	if to == isSold {
		target = sold
	}
	return append([]types.TransactWriteItem{{Update: update}}, s.shifts(b, reserved, target)...), nil
}
