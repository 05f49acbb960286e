package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/domain"
	"github.com/invochain/invochain/shared/idempotency"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/telemetry/telemetrytest"
)

// answers stands for an issuer that answers so.
type answers struct {
	issuer

	answer invoice.Answer
	err    error
}

func (a answers) Issue(context.Context, idempotency.Key, domain.Request) (invoice.Answer, error) {
	return a.answer, a.err
}

func TestWhatADoorCounts(t *testing.T) {
	t.Parallel()
	took := "invoice_creation_duration_seconds{door=http,outcome="
	for name, tc := range map[string]struct {
		answers
		want map[string]float64
	}{
		"created": {answers{answer: invoice.Answer{Document: "CRN", Total: 29550}}, map[string]float64{
			took + "created}": 1, "invoice_created_total{door=http}": 1, "invoice_amount_total{document=CRN}": 295.5,
		}},
		"replayed":  {answers{answer: invoice.Answer{Document: "CRN", Total: 29550, Replayed: true}}, map[string]float64{took + "replayed}": 1}},
		"refused":   {answers{err: &domain.Error{Kind: domain.Conflict}}, map[string]float64{took + "refused}": 1}},
		"failed":    {answers{err: &domain.Error{Kind: domain.Unavailable}}, map[string]float64{took + "failed}": 1}},
		"a fault":   {answers{err: &domain.Error{Kind: domain.Internal}}, map[string]float64{took + "failed}": 1}},
		"no answer": {answers{err: errors.New("no")}, map[string]float64{took + "failed}": 1}},
	} {
		ctx, counted := telemetrytest.Record(t)
		h := handler{issuer: tc.answers, now: func() time.Time { return time.Unix(0, 0) }}
		_, _ = h.issue(ctx, "http", idempotency.Key{}, domain.Request{})
		require.Equal(t, tc.want, counted(), name)
	}
}
