package operations

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// Lambda is the subset of the Lambda client that System uses.
type Lambda interface {
	Invoke(context.Context, *lambda.InvokeInput, ...func(*lambda.Options)) (*lambda.InvokeOutput, error)
}

// WithdrawKey withdraws a key that signs tokens: none of its tokens is valid a minute later, and
// none is issued before RotateKeys has made the next key. It may be repeated.
func (s *System) WithdrawKey(ctx context.Context, id string) error {
	found, err := s.Callers.Withdraw(ctx, id)
	if err != nil {
		return fmt.Errorf("withdraw a key: %w", err)
	}
	if !found {
		return fmt.Errorf("no key has the id %s: invochain keys lists them", id)
	}
	return nil
}

// RotateKeys runs rotate-keys now and returns its answer. The first key of a new deployment is
// made so, instead of within a day.
func (s *System) RotateKeys(ctx context.Context) (json.RawMessage, error) {
	out, err := s.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &s.RotateFunction, Payload: []byte("{}")})
	if err != nil {
		return nil, err
	}
	if out.FunctionError != nil {
		return nil, fmt.Errorf("rotate-keys failed: %s: %s", aws.ToString(out.FunctionError), out.Payload)
	}
	return out.Payload, nil
}
