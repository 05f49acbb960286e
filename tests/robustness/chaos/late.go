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
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/tests/framework/invariants"
)

// perState is the number of sagas of each state that get late steps.
const perState = 10

// lateSteps checks P8: requests, audit requests, reservations and releases of sagas that
// have ended arrive once more and change nothing.
func (r *run) lateSteps(ctx context.Context, before *invariants.Snapshot, sagas map[string]sagaRow) error {
	if !r.recovered.complete() {
		r.check(false, "P8 cannot be checked: the system has not recovered")
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
		errs = append(errs, err, r.message(ctx, deployment.RequestsQueue, body))
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
	sameState := func(a, b sagaRow) bool { return a.State == b.State }
	same := maps.Equal(before.SagaOf, after.SagaOf) && maps.Equal(before.Entries, after.Entries) &&
		maps.Equal(before.IDs, after.IDs) && before.Sold == after.Sold &&
		len(after.Unbalanced) == 0 && after.DeadLetters == 0 && maps.EqualFunc(sagas, again, sameState)
	r.check(same, "P8 %d late or duplicate steps changed nothing", sent)
	return err
}

// sample returns up to perState sagas of each state.
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

// late sends a saga's audit request, reservation and release. It returns an error only if
// one cannot be sent: a refusal is expected.
func (r *run) late(ctx context.Context, s sagaRow) error {
	audit, errAudit := json.Marshal(events.AuditRequest{SagaID: s.SagaID, MerchantID: s.MerchantID})
	reserve, errReserve := json.Marshal(events.Reserve{
		SagaID: s.SagaID, MerchantID: s.MerchantID, Lines: fmt.Appendf(nil, `[{"sku":%q,"quantity":1}]`, invariants.SKU(0)),
	})
	release, errRelease := json.Marshal(saga.Input{SagaID: s.SagaID, MerchantID: s.MerchantID})
	return errors.Join(errAudit, errReserve, errRelease, r.message(ctx, deployment.AuditQueue, audit),
		r.invoke(ctx, deployment.ReserveFunction, reserve), r.invoke(ctx, deployment.ReleaseFunction, release))
}

func (r *run) message(ctx context.Context, queue string, body []byte) error {
	_, err := r.SQS.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: aws.String(r.Vars(queue)), MessageBody: aws.String(string(body)),
	})
	return err
}

func (r *run) invoke(ctx context.Context, function string, payload []byte) error {
	_, err := r.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(r.Vars(function)), Payload: payload})
	return err
}
