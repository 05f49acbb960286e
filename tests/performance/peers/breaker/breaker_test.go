// Package breaker_test runs circuit breakers of Go through one outage and prints a line
// of JSON for each. It is a module of its own so that the peers are in no other go.mod.
//
//	breaker -test.run InOneProcess                               in simulated time
//	breaker -test.run InvoChain -endpoint ENDPOINT -table TABLE  in real time
package breaker_test

import (
	"flag"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/sony/gobreaker/v2"

	"github.com/invochain/invochain/shared/durable/breaker"
)

var (
	endpoint = flag.String("endpoint", "", "address of DynamoDB Local")
	table    = flag.String("table", "", "table with the keys pk and sk")
)

func TestInOneProcess(t *testing.T) {
	for _, peer := range []struct {
		name string
		open func() instance
	}{{"gobreaker 2.4.0", newGobreaker}, {"failsafe-go 0.9.8", newFailsafe}} {
		var o outcome
		synctest.Test(t, func(*testing.T) { o.run(peer.open) })
		opened := peer.open()
		for range 20 {
			opened(func() error { return errFailed })
		}
		o.print(t, map[string]any{
			"name": peer.name, "time": "simulated", "closed_ns": nsPerCall(peer.open()), "open_ns": nsPerCall(opened),
		})
	}
}

func newGobreaker() instance {
	b := gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
		Interval: window, BucketPeriod: time.Second, Timeout: reset, MaxRequests: 1,
		ReadyToTrip: func(c gobreaker.Counts) bool {
			done := c.TotalSuccesses + c.TotalFailures
			return done >= 10 && 2*c.TotalFailures >= done
		},
	})
	return func(call func() error) { _, _ = b.Execute(func() (any, error) { return nil, call() }) }
}

func newFailsafe() instance {
	b := circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(0.5, 10, window).WithDelay(reset).WithSuccessThreshold(1).Build()
	return func(call func() error) {
		if !b.TryAcquirePermit() {
			return
		}
		if call() != nil {
			b.RecordFailure()
		} else {
			b.RecordSuccess()
		}
	}
}

func TestInvoChain(t *testing.T) {
	db := dynamodb.New(dynamodb.Options{
		Region: "ap-south-1", BaseEndpoint: endpoint,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	open := func(name string, cacheTTL time.Duration) *breaker.Breaker {
		return breaker.New(db, breaker.Config{Table: *table, Name: name, InFlight: 1000, CacheTTL: cacheTTL}, time.Now)
	}
	forced := open("open", time.Hour)
	if _, err := forced.Force(t.Context(), breaker.Open, "the comparison", ""); err != nil {
		t.Fatal(err)
	}
	row := map[string]any{
		"name": "InvoChain", "time": "real",
		"closed_ns": nsPerCall(calls(t, open("closed", time.Hour))), "open_ns": nsPerCall(calls(t, forced)),
		"read_ns": nsPerCall(calls(t, open("closed", time.Nanosecond))),
	}
	var o outcome
	o.run(func() instance { return calls(t, open("inventory", 0)) })
	o.print(t, row)
}

func calls(t *testing.T, b *breaker.Breaker) instance {
	t.Helper()
	return func(call func() error) {
		p, err := b.Acquire(t.Context(), b.State(t.Context()))
		if err != nil {
			return
		}
		if call() == nil {
			p.RecordSuccess(t.Context())
		} else {
			p.RecordFailure(t.Context())
		}
	}
}
