package idempotency

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

var (
	// ErrBusy means that the key's work runs elsewhere, or is being undone: come back.
	ErrBusy = errors.New("the key is being worked on")
	// ErrMismatch means that the key was used with another payload.
	ErrMismatch = errors.New("the key was used with another payload")
	// ErrLost means that the run took longer than its lease and another took over: its
	// answer is not stored, and not to be given.
	ErrLost = errors.New("the key has another owner")
	// ErrTooLarge means that an answer is over MaxPacked once it is compressed.
	ErrTooLarge = errors.New("the answer is too large to be stored")
)

// Once does the work of a message, or of any call, once for its key, and stores its
// answer: a redelivery gets the answer without the work. It is for work that knows no
// transaction to be completed in; one that does sends Complete with it instead.
//
// The message names the key: an SQS producer's own id for what is asked, or an
// EventBridge event's id, not the id that SQS gives a message, which a producer's
// retry changes. Work that fails frees the key, so it must have left nothing behind
// or be safe to be done again, as must work that is cut short: a retry after the
// lease begins it anew. A duplicate that arrives during the run waits for its answer
// for up to patience.
//
// Errors: ErrBusy, ErrMismatch, ErrLost, ErrTooLarge, what do returned, and what
// DynamoDB returned.
func (s *Store) Once(ctx context.Context, key Key, fingerprint string, patience time.Duration, do func(context.Context) ([]byte, error)) (answer []byte, replayed bool, err error) {
	f, err := s.ClaimOrWait(ctx, key, fingerprint, nil, WaitLimits{InProgress: patience, Compensating: patience})
	switch {
	case err != nil:
		return nil, false, err
	case f.Status == Replay:
		answer, err = Decompress(f.Record.Body)
		return answer, true, err
	case f.Status == Mismatch:
		return nil, false, ErrMismatch
	case f.Status != Acquired:
		return nil, false, ErrBusy
	}
	answer, packed, err := run(ctx, do)
	if err != nil {
		freed, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		return nil, false, errors.Join(err, s.send(freed, s.Release(f.Claim)))
	}
	return answer, false, s.confirmOwn(ctx, f.Claim, s.send(ctx, s.Complete(f.Claim, 0, packed)))
}

func run(ctx context.Context, do func(context.Context) ([]byte, error)) (answer, packed []byte, err error) {
	if answer, err = do(ctx); err != nil {
		return nil, nil, err
	}
	if packed, err = Compress(answer); err == nil && len(packed) > MaxCompressed {
		err = ErrTooLarge
	}
	return answer, packed, err
}

// confirmOwn recognises the claim's own completion after a lost reply.
func (s *Store) confirmOwn(ctx context.Context, c Claim, err error) error {
	if err == nil || (dynamo.ConditionFailed(err) && OwnedBy(c, dynamo.ConflictingItem(err))) {
		return nil
	}
	if dynamo.ConditionFailed(err) {
		return ErrLost
	}
	if !dynamo.OutcomeUnknown(err) {
		return err
	}
	item, readErr := s.get(ctx, c.KeyHash)
	if readErr != nil || !OwnedBy(c, item) {
		return err
	}
	return nil
}

// send writes a change alone.
func (s *Store) send(ctx context.Context, c Change) error {
	expr, err := expression.NewBuilder().WithUpdate(c.Update).WithCondition(c.Condition).Build()
	if err != nil {
		return err
	}
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.cfg.Table, Key: ItemKey(c.KeyHash),
		UpdateExpression: expr.Update(), ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	return err
}
