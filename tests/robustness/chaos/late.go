package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/tests/framework/invariants"
)

// perState is how many sagas of each end late steps are tried on.
const perState = 10

// lateSteps is P8: once all is over, requests, nudges, reservations and releases of
// sagas that have ended arrive once more, and change nothing.
func (r *run) lateSteps(ctx context.Context, before *invariants.Books, sagas map[string]sagaRow) error {
	if !r.well.rested() {
		r.check(false, "P8 cannot be tried: not all has come to rest")
		return nil
	}
	sent := 0
	var errs []error
	for _, s := range sample(sagas) {
		errs = append(errs, r.late(ctx, s))
		sent += 3
	}
	all := r.load.all()
	for _, o := range all[:min(perState, len(all))] {
		body, err := json.Marshal(events.InvoiceRequest{IdempotencyKey: o.key, Invoice: o.body})
		errs = append(errs, err, r.message(ctx, "INVOCHAIN_REQUESTS_QUEUE_URL", body))
		sent++
	}
	_, err := r.Drained(ctx)
	if err := errors.Join(append(errs, err)...); err != nil {
		return fmt.Errorf("late steps: %w", err)
	}
	after, err := r.Read(ctx)
	if err != nil {
		return err
	}
	again, err := r.sagas(ctx)
	same := maps.Equal(before.SagaOf, after.SagaOf) && maps.Equal(before.Entries, after.Entries) &&
		maps.Equal(before.IDs, after.IDs) && before.Sold == after.Sold &&
		len(after.Astray) == 0 && after.Dead == 0 && maps.EqualFunc(sagas, again, func(a, b sagaRow) bool { return a.State == b.State })
	r.check(same, "P8 %d late or double steps changed nothing", sent)
	return err
}

// sample takes some sagas of each state.
func sample(sagas map[string]sagaRow) (some []sagaRow) {
	n := map[saga.State]int{}
	for _, id := range slices.Sorted(maps.Keys(sagas)) {
		if s := sagas[id]; n[s.State] < perState {
			n[s.State]++
			some = append(some, s)
		}
	}
	return some
}

// late sends a saga's nudge, its reservation and its release. Only what cannot be sent is
// an error: that one is refused is right.
func (r *run) late(ctx context.Context, s sagaRow) error {
	nudge, errNudge := json.Marshal(events.AuditRequest{SagaID: s.SagaID, MerchantID: s.MerchantID})
	reserve, errReserve := json.Marshal(events.Reserve{
		SagaID: s.SagaID, MerchantID: s.MerchantID, Lines: fmt.Appendf(nil, `[{"sku":%q,"quantity":1}]`, invariants.SKU(0)),
	})
	release, errRelease := json.Marshal(saga.Input{SagaID: s.SagaID, MerchantID: s.MerchantID})
	return errors.Join(errNudge, errReserve, errRelease, r.message(ctx, "INVOCHAIN_AUDIT_QUEUE_URL", nudge),
		r.invoke(ctx, "INVOCHAIN_RESERVE_FUNCTION", reserve), r.invoke(ctx, "INVOCHAIN_RELEASE_FUNCTION", release))
}

func (r *run) message(ctx context.Context, queue string, body []byte) error {
	_, err := r.SQS.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(r.Vars(queue)), MessageBody: aws.String(string(body))})
	return err
}

func (r *run) invoke(ctx context.Context, function string, payload []byte) error {
	_, err := r.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(r.Vars(function)), Payload: payload})
	return err
}
