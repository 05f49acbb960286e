package telemetry_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

// BenchmarkCreate measures what telemetry costs an invocation that issues an invoice, in
// time and in bytes of log: about twenty recordings and six spans, by mode.
func BenchmarkCreate(b *testing.B) {
	for name, cfg := range map[string]telemetry.Config{
		"stdout": {Mode: telemetry.Stdout, Sample: 1}, "emf": {Mode: telemetry.EMF, Sample: 1},
		"emf,no-spans": {Mode: telemetry.EMF},
	} {
		b.Run(name, func(b *testing.B) {
			var out byteCounter
			cfg.Out, cfg.Catalogue, cfg.Now = &out, metric.Catalogue(), realTime()
			r, err := telemetry.New(cfg)
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				create(b, r)
			}
			b.ReportMetric(float64(out)/float64(b.N), "B-log/op")
		})
	}
}

// byteCounter counts the bytes that are written to it.
type byteCounter int

func (c *byteCounter) Write(b []byte) (int, error) {
	*c += byteCounter(len(b))
	return len(b), nil
}

func create(b *testing.B, r *telemetry.Recorder) {
	b.Helper()
	ctx, end := r.Invocation(b.Context(), incoming(`{"httpMethod":"POST"}`))
	for _, operation := range []string{"GetItem", "PutItem", "TransactWriteItems"} {
		_, span := telemetry.Span(ctx, "DynamoDB."+operation)
		telemetry.Observe(ctx, metric.DynamoDBDuration, time.Millisecond, operation)
		telemetry.Add(ctx, metric.DynamoDBRequests, 1, operation, "ok")
		telemetry.Add(ctx, metric.DynamoDBUnits, 1, operation)
		span.End()
	}
	telemetry.Set(ctx, metric.DynamoDBConnections, 2)
	for _, step := range []string{"Reserve Inventory", "Create Invoice"} {
		_, end := telemetry.Step(ctx, step)
		end("ok")
	}
	telemetry.Add(ctx, metric.IdempotencyRequests, 1, "won")
	telemetry.Add(ctx, metric.SagaStarted, 1)
	telemetry.Add(ctx, metric.InvoiceCreated, 1, "http")
	telemetry.Add(ctx, metric.InvoiceAmount, 29500, "INV")
	telemetry.Observe(ctx, metric.InvoiceDuration, time.Millisecond, "http", "created")
	telemetry.Request(ctx, "POST", "/invoices", 201, "", time.Millisecond)
	end(nil)
	require.NoError(b, r.Flush(ctx))
}

// BenchmarkNew measures what telemetry costs the start of a function.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		_, err := telemetry.New(telemetry.Config{
			Mode: telemetry.Stdout, Out: io.Discard, Catalogue: metric.Catalogue(), Sample: 1, Now: realTime(),
		})
		require.NoError(b, err)
	}
}
