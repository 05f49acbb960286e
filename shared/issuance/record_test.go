package issuance_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/telemetry/telemetrytest"
)

// TestOutcomesAreCounted issues, or fails to issue, in every way, and checks the counters.
func TestOutcomesAreCounted(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, counted := telemetrytest.Record(t)
	issue := func(n int, number, sku string, quantity int) {
		_, _ = f.issue(ctx, key(n), request(t, number, sku, quantity))
	}
	issue(1, "A-1", "SKU", 1)
	require.Equal(t, map[string]float64{
		"idempotency_requests_total{outcome=won}": 1, "saga_started_total{}": 1,
		"saga_step_duration_seconds{outcome=ok,step=Reserve Inventory}": 1,
		"saga_step_duration_seconds{outcome=ok,step=Create Invoice}":    1,
	}, counted(), "created")

	issue(1, "A-1", "SKU", 1)
	require.Equal(t, map[string]float64{"idempotency_requests_total{outcome=replayed}": 1}, counted())

	issue(1, "A-2", "SKU", 1)
	require.Equal(t, map[string]float64{"idempotency_requests_total{outcome=mismatch}": 1}, counted())

	issue(2, "A-3", "SKU", 100)
	require.Equal(t, map[string]float64{
		"idempotency_requests_total{outcome=won}": 1, "saga_started_total{}": 1,
		"saga_step_duration_seconds{outcome=refused,step=Reserve Inventory}": 1,
		"inventory_reservation_failures_total{reason=out_of_stock}":          1,
	}, counted())

	for range 2 {
		_, _ = f.accept(ctx, key(3), request(t, "A-4", "", 1), []byte(`{}`))
	}
	require.Equal(t, map[string]float64{
		"idempotency_requests_total{outcome=won}":  1,
		"idempotency_requests_total{outcome=busy}": 1,
		"saga_started_total{}":                     1,
	}, counted(), "handed on")

	issue(3, "A-4", "", 1)
	require.Equal(t, map[string]float64{
		"idempotency_requests_total{outcome=won}": 1, "saga_step_duration_seconds{outcome=ok,step=Create Invoice}": 1,
	}, counted(), "and taken up: its saga was begun before")
}

// TestReservationsThatFailAreCounted counts until the breaker is open, and after.
func TestReservationsThatFailAreCounted(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, counted := telemetrytest.Record(t)
	f.services.reserve = func(context.Context, func() error) error { return context.DeadlineExceeded }
	_, _ = f.issue(ctx, key(1), request(t, "A-1", "SKU", 1))
	require.InDelta(t, 1, counted()["inventory_reservation_failures_total{reason=timeout}"], 0)
	f.services.reserve = func(context.Context, func() error) error { return errors.New("reset by peer") }
	const more = 30
	for n := range more {
		_, _ = f.issue(ctx, key(2+n), request(t, "A-1", "SKU", 1))
	}
	got := counted()
	sent := got["inventory_reservation_failures_total{reason=error}"]
	spared := got["inventory_reservation_failures_total{reason=breaker_open}"]
	require.InDelta(t, more, sent+spared, 0)
	require.Positive(t, sent)
	require.Positive(t, spared)
	require.InDelta(t, sent, got["saga_step_duration_seconds{outcome=failed,step=Reserve Inventory}"], 0)
}
