package main

import (
	"context"
	"time"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

// policy configures the inventory's breaker.
type policy struct {
	timeout, reset, slow time.Duration
	percent, minCalls    int
	inFlight             int
}

// readPolicy reads INVOCHAIN_INVENTORY_…, all optional, from vars. The calls in flight exceed the messages
// of a batch, which are handled concurrently.
func readPolicy(vars *env.Reader) policy {
	const prefix = "INVOCHAIN_INVENTORY_"
	p := policy{
		timeout:  vars.Milliseconds(prefix+"TIMEOUT_MS", 5*time.Second),
		reset:    vars.Milliseconds(prefix+"RESET_MS", 30*time.Second),
		percent:  vars.PositiveInt(prefix+"FAILURE_PERCENT", 50),
		minCalls: vars.PositiveInt(prefix+"MIN_CALLS", 10),
		inFlight: vars.PositiveInt(prefix+"IN_FLIGHT", 32),
	}
	p.slow = vars.Milliseconds(prefix+"SLOW_MS", p.timeout*2/5)
	return p
}

// breaker returns the configuration. A probe may take longer than any call, and than the
// slow write that records its outcome.
func (p policy) breaker(table string) breaker.Config {
	return breaker.Config{
		Table:        table,
		Name:         "inventory",
		Percent:      int64(min(p.percent, 100)),
		MinCalls:     int64(p.minCalls),
		InFlight:     int64(p.inFlight),
		Slow:         p.slow,
		OpenFor:      p.reset,
		ProbeTimeout: 2 * p.timeout,
		OnReject: func(ctx context.Context, _ string) {
			telemetry.Add(ctx, metric.BulkheadRejections, 1, awsclient.Inventory)
		},
	}
}
