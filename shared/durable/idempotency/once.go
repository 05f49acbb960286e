package idempotency

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

var (
	// ErrBusy means that another owner works on the key, or that it is being compensated. The
	// caller may try again later.
	ErrBusy = errors.New("the key is in progress")
	// ErrMismatch means that the key was used with another payload.
	ErrMismatch = errors.New("the key was used with another payload")
	// ErrLost means that the run outlasted its lease and another owner took over: its answer is
	// not stored, and the caller must not use it.
	ErrLost = errors.New("the key has another owner")
	// ErrExpired means that do ran for this key more than Retention ago.
	ErrExpired = errors.New("the key was answered, and its answer has expired")
	// ErrTooLarge means that do ran, but its compressed answer is larger than MaxCompressed.
	ErrTooLarge = errors.New("the answer is too large to be stored")
)

// Statuses of a key that Once answered.
const (
	answerStored   = 0
	answerTooLarge = http.StatusRequestEntityTooLarge // the answer itself is not stored
)

// Once runs do once for a key and stores its answer; a redelivery gets the stored answer. It
// is for work that writes no transaction of its own. Work that does sends Complete in that
// transaction instead.
//
// The key identifies the message: an id that the SQS producer sets, or the id of an
// EventBridge event. The message id that SQS assigns changes when a producer retries. An
// error of do releases the key, so do must then have left no effects or be safe to repeat. The
// same holds for a run that is interrupted: a retry after the lease starts it again. A
// duplicate that arrives during the run waits for its answer, for at most limit. When the
// answer is too large to be stored, every delivery gets ErrTooLarge and do does not run again.
//
// Errors: ErrBusy, ErrMismatch, ErrLost, ErrExpired, ErrTooLarge, what do returned, and what
// DynamoDB returned.
func (s *Store) Once(
	ctx context.Context, key Key, fingerprint string, limit time.Duration, do func(context.Context) ([]byte, error),
) (answer []byte, replayed bool, err error) {
	limits := WaitLimits{InProgress: limit, Compensating: limit}
	res, err := s.ClaimOrWait(ctx, key, fingerprint, Attributes{}, limits)
	switch {
	case err != nil:
		return nil, false, err
	case res.Status == Replay && res.Record.Status == answerTooLarge:
		return nil, true, ErrTooLarge
	case res.Status == Replay:
		answer, err = res.Record.Answer(key)
		return answer, true, err
	case res.Status == Expired:
		return nil, true, ErrExpired
	case res.Status == Mismatch:
		return nil, false, ErrMismatch
	case res.Status != Acquired:
		return nil, false, ErrBusy
	}
	if answer, err = do(ctx); err != nil {
		release, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		return nil, false, errors.Join(err, s.send(release, s.Release(res.Claim)))
	}
	return s.store(ctx, res.Claim, answer)
}

// store completes the key with the answer, or without it when it is too large.
func (s *Store) store(ctx context.Context, c Claim, answer []byte) ([]byte, bool, error) {
	compressed, err := Compress(answer)
	if err != nil {
		return nil, false, err
	}
	status, tooLarge := answerStored, error(nil)
	if len(compressed) > MaxCompressed {
		status, tooLarge, answer, compressed = answerTooLarge, ErrTooLarge, nil, nil
	}
	change, err := s.Complete(c, status, compressed)
	if err != nil {
		return nil, false, err
	}
	if err := s.confirm(ctx, c, s.send(ctx, change)); err != nil {
		return nil, false, err
	}
	return answer, false, tooLarge
}

// confirm returns nil if the claim's own completion landed although err was returned.
func (s *Store) confirm(ctx context.Context, c Claim, err error) error {
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

// send writes a change outside a transaction.
func (s *Store) send(ctx context.Context, c Change) error {
	_, err := dynamo.Update(ctx, s.db, s.cfg.Table, ItemKey(c.KeyHash), c.Update, c.Condition, types.ReturnValueNone)
	return err
}
