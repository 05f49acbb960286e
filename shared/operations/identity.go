package operations

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/caller"
)

// Lambda is the subset of the Lambda client that System uses.
type Lambda interface {
	Invoke(context.Context, *lambda.InvokeInput, ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

// WithdrawKey withdraws a key that signs tokens, so that none of its tokens is valid a minute later,
// and makes the next key: it returns what rotate-keys answers. It may be repeated, and must be if that
// failed, because no token may be issued before.
func (s *System) WithdrawKey(ctx context.Context, id string, by By) (json.RawMessage, error) {
	known, err := s.Callers.Known(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(known.Keys, func(k caller.Key) bool { return k.ID == id }) {
		return nil, fmt.Errorf("no key has the id %s: invochain keys lists them", id)
	}
	err = s.record(ctx, by, events.Act{
		ID: events.ActID(events.KeyWithdrawn, id), Action: events.KeyWithdrawn, Subject: id,
	})
	if err != nil {
		return nil, err
	}
	if _, err := s.Callers.Withdraw(ctx, id); err != nil {
		return nil, fmt.Errorf("withdraw a key: %w", err)
	}
	answer, err := s.rotate(ctx)
	if err != nil {
		err = fmt.Errorf("the key is withdrawn, and no token may be issued before `invochain keys rotate` succeeds: %w", err)
	}
	return answer, err
}

// RotateKeys runs rotate-keys now and returns its answer. The first key of a new deployment is
// made so, instead of within a day.
func (s *System) RotateKeys(ctx context.Context, by By) (json.RawMessage, error) {
	if err := s.record(ctx, by, events.Act{Action: events.KeyRotated}); err != nil {
		return nil, err
	}
	return s.rotate(ctx)
}

func (s *System) rotate(ctx context.Context) (json.RawMessage, error) {
	out, err := s.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &s.RotateFunction, Payload: []byte("{}")})
	if err != nil {
		return nil, err
	}
	if out.FunctionError != nil {
		return nil, fmt.Errorf("rotate-keys failed: %s: %s", aws.ToString(out.FunctionError), out.Payload)
	}
	return out.Payload, nil
}
