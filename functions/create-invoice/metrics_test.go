package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/function/telemetry/telemetrytest"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

// answers stands for an issuer that answers so.
type answers struct {
	issuer

	answer issuance.Result
	err    error
	by     *issuance.Actor // of the last request; nil if no test asks
}

func (a answers) Issue(
	_ context.Context, by issuance.Actor, _ idempotency.Key, _ gst.Request,
) (issuance.Result, error) {
	if a.by != nil {
		*a.by = by
	}
	return a.answer, a.err
}

func TestWhatADoorCounts(t *testing.T) {
	t.Parallel()
	took := "invoice_creation_duration_seconds{door=http,outcome="
	for name, tc := range map[string]struct {
		answers
		want map[string]float64
	}{
		"created": {answers{answer: issuance.Result{Document: "CRN", Total: 29550}}, map[string]float64{
			took + "created}": 1, "invoice_created_total{door=http}": 1, "invoice_amount_total{document=CRN}": 295.5,
		}},
		"replayed": {
			answers{answer: issuance.Result{Document: "CRN", Total: 29550, Replayed: true}},
			map[string]float64{took + "replayed}": 1},
		},
		"refused":   {answers{err: &problem.Error{Kind: problem.Conflict}}, map[string]float64{took + "refused}": 1}},
		"failed":    {answers{err: &problem.Error{Kind: problem.Unavailable}}, map[string]float64{took + "failed}": 1}},
		"a fault":   {answers{err: &problem.Error{Kind: problem.Internal}}, map[string]float64{took + "failed}": 1}},
		"no answer": {answers{err: errors.New("no")}, map[string]float64{took + "failed}": 1}},
	} {
		ctx, counted := telemetrytest.Record(t)
		h := handler{issuer: tc.answers, now: func() time.Time { return time.Unix(0, 0) }}
		_, _ = h.issue(ctx, "http", issuance.Actor{}, idempotency.Key{}, gst.Request{})
		require.Equal(t, tc.want, counted(), name)
	}
}
