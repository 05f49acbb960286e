package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/invochain/invochain/tests/framework/invariants"
	"github.com/invochain/invochain/tests/framework/stack"
)

const (
	clients   = 32 // in a closed loop, enough to keep both cores busy
	wantShare = 0.90
)

// ceiling drives the system and the bare functions in turns by Lambda invocations, and
// prints the system's share of the bare functions' throughput.
func (l *load) ceiling(ctx context.Context) error {
	f, err := l.begin(ctx)
	if err != nil {
		return err
	}
	f.Close(ctx) // the events of the bare functions have no listener either
	b, err := l.deployBare(ctx, f)
	if b != nil {
		defer b.remove(context.WithoutCancel(ctx))
	}
	if err != nil {
		return fmt.Errorf("deploy the bare functions: %w", err)
	}
	const rounds = 3
	var numbers atomic.Int64
	ours := target{fixture: f, function: l.Vars("INVOCHAIN_CREATE_FUNCTION"), queues: l.Queues()}
	ours.event = func() ([]byte, error) { return f.event(int(numbers.Add(1))) }
	bare := target{fixture: f, function: "bare-create", queues: b.queues}
	bare.event = func() ([]byte, error) { return f.bareEvent(int(numbers.Add(1))) }
	if _, err := bare.drive(ctx, 2*time.Second); err != nil { // to start its processes
		return err
	}
	fmt.Println("| round | what | invoices/s, answered | p50 ms | p95 ms | invoices/s, all done |\n" +
		"|---|---|---|---|---|---|")
	shares := make([]float64, 0, rounds)
	var spent [2]spending
	for round := range rounds {
		top, err := spent[0].drive(ctx, l, bare, l.duration/rounds/2)
		if err != nil {
			return err
		}
		mine, err := spent[1].drive(ctx, l, ours, l.duration/rounds/2)
		if err != nil {
			return err
		}
		top.print(round+1, "bare functions")
		mine.print(round+1, "InvoChain")
		shares = append(shares, mine.done/top.done)
	}
	compareSpending(spent[0], spent[1])
	slices.Sort(shares)
	fmt.Printf("\nshare of the ceiling, all done: %.0f %% (median of %d; %.0f–%.0f %%)\n",
		100*shares[rounds/2], rounds, 100*shares[0], 100*shares[rounds-1])
	if !l.smoke && shares[rounds/2] < wantShare {
		return errors.New("below 90 % of the ceiling")
	}
	return nil
}

// target is a function to invoke, with the queues that must be empty afterwards.
type target struct {
	fixture  *fixture
	function string
	queues   []string // URLs
	event    func() ([]byte, error)
}

// bareEvent is the event of a bare function, of the same size as a request of ours.
func (f *fixture) bareEvent(n int) ([]byte, error) {
	request, err := f.event(n)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{
		"id": stack.NewKey(), "merchant": f.Merchant(n), "sku": invariants.SKU(n / invariants.Merchants),
		"request": json.RawMessage(request),
	})
}

// event is a request as an API Gateway proxy event.
func (f *fixture) event(n int) ([]byte, error) {
	return json.Marshal(lambdaevents.APIGatewayProxyRequest{
		Resource: "/invoices", Path: "/invoices", HTTPMethod: "POST",
		Headers: map[string]string{"Content-Type": "application/json", "Idempotency-Key": stack.NewKey()},
		Body:    string(f.Request(f.Merchant(n), n, n/invariants.Merchants)),
	})
}

// completedSaga issues an invoice and returns the id of its saga once it is COMPLETED.
func (f *fixture) completedSaga(ctx context.Context) (string, error) {
	r, err := f.Create(ctx, stack.NewKey(), f.Request(f.Merchant(0), 0, 0))
	if err != nil {
		return "", err
	}
	var invoice struct {
		SagaID string `json:"saga_id"`
	}
	if err := json.Unmarshal(r.Body, &invoice); err != nil || invoice.SagaID == "" {
		return "", fmt.Errorf("create an invoice: %d %s", r.Status, r.Body)
	}
	_, err = f.Drained(ctx)
	return invoice.SagaID, err
}

// pace is the throughput of a closed loop.
type pace struct {
	answered, done float64 // invoices per second
	took           []time.Duration
}

func (t target) drive(ctx context.Context, duration time.Duration) (pace, error) {
	began := time.Now()
	var mu sync.Mutex
	var p pace
	var first error
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for time.Since(began) < duration && ctx.Err() == nil {
				sent := time.Now()
				err := t.once(ctx)
				mu.Lock()
				if err != nil && first == nil {
					first = err
				} else if err == nil {
					p.took = append(p.took, time.Since(sent))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	p.answered = float64(len(p.took)) / time.Since(began).Seconds()
	err := stack.Await(ctx, 5*time.Minute, func() (bool, error) {
		n, err := t.fixture.Waiting(ctx, t.queues)
		return n == 0, err
	})
	p.done = float64(len(p.took)) / time.Since(began).Seconds()
	slices.Sort(p.took)
	return p, errors.Join(first, err)
}

func (t target) once(ctx context.Context) error {
	payload, err := t.event()
	if err != nil {
		return err
	}
	out, err := t.fixture.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &t.function, Payload: payload})
	if err != nil {
		return err
	}
	var answer struct {
		StatusCode int `json:"statusCode"`
	}
	if err := json.Unmarshal(out.Payload, &answer); err != nil || out.FunctionError != nil || answer.StatusCode > 201 {
		return fmt.Errorf("%s returned %s", t.function, out.Payload)
	}
	return nil
}

func (p pace) print(round int, what string) {
	at := func(q float64) int64 { return p.took[int(q*float64(len(p.took)-1))].Milliseconds() }
	fmt.Printf("| %d | %s | %.1f | %d | %d | %.1f |\n", round, what, p.answered, at(0.5), at(0.95), p.done)
}
