package saga

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/problem"
)

// maxProblem bounds the stored refusal of a request in bytes, compressed. A longer one is
// stored without its fields and findings.
const maxProblem = 64 << 10

// Message identifies the request that a message of the queue asks for. A message with the key
// of another request does not touch that one's record.
type Message struct {
	Key         idempotency.Key
	Fingerprint string
}

// Failure is how the last delivery of an accepted request failed.
type Failure struct {
	State  State  `dynamodbav:"s"`
	Reason string `dynamodbav:"r"`           // a problem's code
	Next   int64  `dynamodbav:"n,omitempty"` // when it is tried again at the latest; Unix milliseconds
	Packed []byte `dynamodbav:"p,omitempty"` // the problem as compressed JSON
}

// Problem returns what the caller of a synchronous request would have got; nil if only the
// reason is known.
func (f *Failure) Problem() (*problem.Error, error) {
	if f == nil || len(f.Packed) == 0 {
		return nil, nil //nolint:nilnil // there is none
	}
	raw, err := idempotency.Decompress(f.Packed)
	if err != nil {
		return nil, err
	}
	var e problem.Error
	return &e, json.Unmarshal(raw, &e)
}

// Retry records that an accepted request failed with a code and is delivered again at next, at
// the latest. A request that was not accepted (see Accept) has no record of its failures.
func (s *Store) Retry(ctx context.Context, m Message, code string, next time.Time) error {
	_, err := s.recordFailure(ctx, m, Failure{State: Retrying, Reason: code, Next: next.UnixMilli()})
	return err
}

// DeadLetter records that the message of an accepted request was dead-lettered, after a
// failure with code.
func (s *Store) DeadLetter(ctx context.Context, m Message, code string) error {
	return s.closeRequest(ctx, m, Failure{State: DeadLettered, Reason: code})
}

// RefuseRequest records that an accepted request was refused for good.
func (s *Store) RefuseRequest(ctx context.Context, m Message, e *problem.Error) error {
	packed, err := pack(e)
	if err != nil {
		return err
	}
	return s.closeRequest(ctx, m, Failure{State: refused, Reason: e.Code, Packed: packed})
}

func pack(e *problem.Error) ([]byte, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	packed, err := idempotency.Compress(raw)
	if err != nil || len(packed) <= maxProblem {
		return packed, err
	}
	brief := *e
	brief.Fields, brief.Extensions = nil, nil
	return pack(&brief)
}

// closeRequest records a failure after which no message is left. A saga that no run has started
// would wait for one: it ends here.
func (s *Store) closeRequest(ctx context.Context, m Message, f Failure) error {
	r, err := s.recordFailure(ctx, m, f)
	if err != nil || r.State != Begun || r.Fence > 0 {
		return err
	}
	c := s.keys.ReleaseExpired(r.keyHash(), r.Record, idempotency.Released).And(isUnchanged(r))
	r.State, r.KeyState, r.Reason = Aborted, idempotency.Released, f.Reason
	if err := s.end(ctx, c, r); !errors.Is(err, ErrLost) {
		return err
	}
	return nil // a run has started it
}

// recordFailure returns the record with the failure; a zero one if the request is not an
// accepted one.
func (s *Store) recordFailure(ctx context.Context, m Message, f Failure) (Record, error) {
	same, err := idempotency.SamePayload(m.Key, m.Fingerprint)
	if err != nil {
		return Record{}, err
	}
	item, err := dynamo.Update(ctx, s.db, s.cfg.Table, idempotency.ItemKey(m.Key.Hash()),
		expression.Set(expression.Name("failure"), expression.Value(f)),
		expression.AttributeExists(expression.Name("request_id")).And(same), types.ReturnValueAllNew)
	switch {
	case dynamo.ConditionFailed(err):
		return Record{}, nil
	case err != nil:
		return Record{}, err
	}
	return decode(item)
}
