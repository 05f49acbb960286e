package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// invoker is the part of the Lambda client that a reserver calls.
type invoker interface {
	Invoke(context.Context, *awslambda.InvokeInput, ...func(*awslambda.Options)) (*awslambda.InvokeOutput, error)
}

// reserver asks the inventory for stock by invoking its function.
type reserver struct {
	client   invoker
	function string
}

// Reserve implements invoice.Inventory.
func (r reserver) Reserve(ctx context.Context, sagaID, merchantID string, lines []gst.StockLine) error {
	asked, err := json.Marshal(lines)
	if err != nil {
		return err
	}
	payload, err := json.Marshal(events.Reserve{
		SagaID: sagaID, MerchantID: merchantID, Lines: asked, TraceParent: telemetry.TraceParent(ctx),
	})
	if err != nil {
		return err
	}
	out, err := r.client.Invoke(ctx, &awslambda.InvokeInput{FunctionName: &r.function, Payload: payload})
	if err != nil {
		return fmt.Errorf("invoke the inventory: %w", err)
	}
	if out.FunctionError != nil {
		return fmt.Errorf("the inventory failed: %s", aws.ToString(out.FunctionError))
	}
	return verdict(out.Payload)
}

func verdict(payload []byte) error {
	var reply events.ReserveResult
	if err := json.Unmarshal(payload, &reply); err != nil {
		return fmt.Errorf("read the inventory's reply: %w", err)
	}
	switch reply.Outcome {
	case events.Reserved:
		return nil
	case events.Refused:
		var refusal problem.Error
		if err := json.Unmarshal(reply.Refusal, &refusal); err != nil {
			return fmt.Errorf("read the inventory's refusal: %w", err)
		}
		return saga.Refuse(&refusal)
	default:
		return fmt.Errorf("the inventory replied %q", reply.Outcome)
	}
}
