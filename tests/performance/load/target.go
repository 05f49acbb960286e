package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/invariants"
	"github.com/invochain/invochain/tests/framework/stack"
)

// target is a function to invoke, with the queues that must be empty afterwards.
type target struct {
	fixture  *fixture
	function string
	queues   []string // URLs
	event    func(context.Context) ([]byte, error)
}

// bareEvent is the event of a bare function, of the same size as a request of ours.
func (f *fixture) bareEvent(ctx context.Context, n int) ([]byte, error) {
	request, err := f.event(ctx, n)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{
		"id": client.NewKey(), "merchant": f.Merchant(n), "sku": invariants.SKU(n / invariants.Merchants),
		"request": json.RawMessage(request),
	})
}

// event is a request as an API Gateway proxy event.
func (f *fixture) event(ctx context.Context, n int) ([]byte, error) {
	c, err := f.As(ctx, f.Merchant(n))
	if err != nil {
		return nil, err
	}
	token, err := c.Token(ctx)
	if err != nil {
		return nil, err
	}
	return json.Marshal(lambdaevents.APIGatewayProxyRequest{
		Resource: "/invoices", Path: "/invoices", HTTPMethod: "POST",
		Headers: map[string]string{
			"Authorization": "Bearer " + token, "Content-Type": "application/json", "Idempotency-Key": client.NewKey(),
		},
		Body: string(f.Request(f.Merchant(n), n, n/invariants.Merchants)),
	})
}

// completedSaga issues an invoice and returns the id of its saga once it is COMPLETED.
func (f *fixture) completedSaga(ctx context.Context) (string, error) {
	c, err := f.As(ctx, f.Merchant(0))
	if err != nil {
		return "", err
	}
	r, err := c.Create(ctx, client.NewKey(), f.Request(f.Merchant(0), 0, 0))
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
	payload, err := t.event(ctx)
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
