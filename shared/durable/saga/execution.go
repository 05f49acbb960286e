package saga

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/invochain/invochain/shared/durable/saga/step"
)

// Executor is the subset of the Step Functions client that StepFunctions uses.
type Executor interface {
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
}

// StepFunctions start compensations as executions of a state machine.
type StepFunctions struct {
	Client     Executor
	MachineARN string
	Sagas      *Store // records the start
	// TraceParent, if set, returns the caller's span as a W3C traceparent, for the input.
	TraceParent func(context.Context) string
}

// Input of the state machine `compensate`. Pending and Results are keyed by
// step.DeleteKey and step.ReleaseKey.
type Input struct {
	SagaID     string                     `json:"saga_id"`
	MerchantID string                     `json:"merchant_id"`
	Redrive    int                        `json:"redrive"`
	Pending    map[string]bool            `json:"pending"`
	Results    map[string]json.RawMessage `json:"results"`
	// TraceParent joins the compensation to the request's trace (W3C Trace Context).
	TraceParent string `json:"traceparent,omitempty"`
}

// Start starts the execution that runs the compensations that the saga still owes. Its name is
// the saga's id and redrive count, so that each compensation starts once however
// often Start is called. Then it makes the saga due after step.ExecutionTimeout, so that
// recovery does not overtake the execution; until then the saga is due after
// Config.StartTimeout. An error does not mean that no execution runs.
func (e StepFunctions) Start(ctx context.Context, r Record) error {
	traceParent := ""
	if e.TraceParent != nil {
		traceParent = e.TraceParent(ctx)
	}
	input, err := json.Marshal(Input{
		TraceParent: traceParent,
		SagaID:      r.SagaID, MerchantID: r.MerchantID, Redrive: r.Redrive,
		Pending: map[string]bool{
			step.DeleteKey:  slices.Contains(r.Pending, step.Delete),
			step.ReleaseKey: slices.Contains(r.Pending, step.Release),
		},
		Results: map[string]json.RawMessage{},
	})
	if err != nil {
		return err
	}
	_, err = e.Client.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &e.MachineARN, Input: aws.String(string(input)),
		Name: aws.String(r.SagaID + "-" + strconv.Itoa(r.Redrive)),
	})
	var exists *types.ExecutionAlreadyExists
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("start compensation: %w", err)
	}
	if err := e.Sagas.Postpone(ctx, r, e.Sagas.now().Add(step.ExecutionTimeout)); err != nil {
		return fmt.Errorf("record the start of a compensation: %w", err)
	}
	return nil
}
