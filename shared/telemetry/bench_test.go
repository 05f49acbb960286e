package telemetry_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/telemetry"
)

// BenchmarkCreate is what telemetry costs the invocation that issues an invoice: some
// twenty recordings and eight spans, and the lines that say so.
func BenchmarkCreate(b *testing.B) {
	r, err := telemetry.New(telemetry.Config{Mode: telemetry.Stdout, Out: io.Discard, Sample: 1, Now: realTime()})
	require.NoError(b, err)
	payload := []byte(`{"httpMethod":"POST","headers":{"traceparent":"` + w3c + `"}}`)
	b.ReportAllocs()
	for b.Loop() {
		ctx, end := r.Invocation(b.Context(), payload)
		for _, operation := range []string{"GetItem", "PutItem", "TransactWriteItems"} {
			_, span := telemetry.Span(ctx, operation)
			telemetry.Observe(ctx, telemetry.DynamoDBDuration, time.Millisecond, operation)
			telemetry.Add(ctx, telemetry.DynamoDBRequests, 1, operation, "ok")
			telemetry.Add(ctx, telemetry.DynamoDBUnits, 1, operation)
			span.End()
		}
		for _, step := range []string{"Reserve Inventory", "Create Invoice"} {
			_, end := telemetry.Step(ctx, step)
			end("ok")
		}
		telemetry.Add(ctx, telemetry.IdempotencyRequests, 1, "won")
		telemetry.Add(ctx, telemetry.SagaStarted, 1)
		telemetry.Add(ctx, telemetry.InvoiceCreated, 1, "http")
		telemetry.Add(ctx, telemetry.InvoiceAmount, 29500, "INV")
		telemetry.Observe(ctx, telemetry.InvoiceDuration, time.Millisecond, "http", "created")
		telemetry.Request(ctx, "POST", "/invoices", 201, time.Millisecond)
		end(nil)
		require.NoError(b, r.Flush(ctx))
	}
}

// BenchmarkNew is what telemetry costs a function's start.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		_, err := telemetry.New(telemetry.Config{Mode: telemetry.Stdout, Out: io.Discard, Sample: 1, Now: realTime()})
		require.NoError(b, err)
	}
}
