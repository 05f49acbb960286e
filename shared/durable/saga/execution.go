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

// StepFunctions start the executions of sagas that owe steps of a state machine.
type StepFunctions struct {
	Client          Executor
	CompensationARN string
	CancellationARN string
	Sagas           *Store // records the start
	// TraceParent, if set, returns the caller's span as a W3C traceparent, for the input.
	TraceParent func(context.Context) string
}

// Input of a state machine. Pending and Results are keyed by the keys of package step.
type Input struct {
	SagaID     string                     `json:"saga_id"`
	MerchantID string                     `json:"merchant_id"`
	InvoiceID  string                     `json:"invoice_id,omitempty"` // that is to be cancelled
	Redrive    int                        `json:"redrive"`
	Pending    map[string]bool            `json:"pending"`
	Results    map[string]json.RawMessage `json:"results"`
	// TraceParent joins the execution to the request's trace (W3C Trace Context).
	TraceParent string `json:"traceparent,omitempty"`
}

// Start starts the execution that runs the steps that the saga still owes. Its name is
// the saga's id and redrive count, so that each execution starts once however
// often Start is called. Then it makes the saga due after step.ExecutionTimeout, so that
// recovery does not overtake the execution; until then the saga is due after
// Config.StartTimeout. An error does not mean that no execution runs.
func (e StepFunctions) Start(ctx context.Context, r Record) error {
	traceParent := ""
	if e.TraceParent != nil {
		traceParent = e.TraceParent(ctx)
	}
	machine, steps := e.CompensationARN, step.Compensation()
	if r.Cancels {
		machine, steps = e.CancellationARN, step.Cancellation()
	}
	in := Input{
		TraceParent: traceParent, SagaID: r.SagaID, MerchantID: r.MerchantID, Redrive: r.Redrive,
		Pending: map[string]bool{}, Results: map[string]json.RawMessage{},
	}
	if r.Cancels {
		in.InvoiceID = r.InvoiceID
	}
	for _, s := range steps {
		in.Pending[s.Key] = slices.Contains(r.Pending, s.Name)
	}
	input, err := json.Marshal(in)
	if err != nil {
		return err
	}
	_, err = e.Client.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &machine, Input: aws.String(string(input)),
		Name: aws.String(r.SagaID + "-" + strconv.Itoa(r.Redrive)),
	})
	var exists *types.ExecutionAlreadyExists
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("start an execution: %w", err)
	}
	if err := e.Sagas.Postpone(ctx, r, e.Sagas.now().Add(step.ExecutionTimeout)); err != nil {
		return fmt.Errorf("record the start of an execution: %w", err)
	}
	return nil
}
