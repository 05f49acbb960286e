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

// invoker is the subset of the Lambda client that reserver uses.
type invoker interface {
	Invoke(context.Context, *awslambda.InvokeInput, ...func(*awslambda.Options)) (*awslambda.InvokeOutput, error)
}

// reserver reserves stock by invoking the function reserve-inventory.
type reserver struct {
	client   invoker
	function string
}

// Reserve implements issuance.Inventory.
func (r reserver) Reserve(ctx context.Context, sagaID string, req gst.Request) error {
	encoded, err := json.Marshal(req.StockLines())
	if err != nil {
		return err
	}
	payload, err := json.Marshal(events.Reserve{
		SagaID: sagaID, MerchantID: req.SellerMerchantID, Lines: encoded, Returns: req.Restock,
		TraceParent: telemetry.TraceParent(ctx),
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
	return decodeResult(out.Payload)
}

// decodeResult returns nil, the inventory's refusal, or an error when the result is unknown.
func decodeResult(payload []byte) error {
	var result events.ReserveResult
	if err := json.Unmarshal(payload, &result); err != nil {
		return fmt.Errorf("decode the inventory's result: %w", err)
	}
	switch result.Outcome {
	case events.Reserved:
		return nil
	case events.Refused:
		var refusal problem.Error
		if err := json.Unmarshal(result.Refusal, &refusal); err != nil {
			return fmt.Errorf("decode the inventory's refusal: %w", err)
		}
		return saga.Refuse(&refusal)
	default:
		return fmt.Errorf("the inventory returned the outcome %q", result.Outcome)
	}
}
