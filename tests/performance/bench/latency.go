package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/registration"
	"github.com/invochain/invochain/tests/framework/stack"
)

const merchant = "merchant-bench"

// latencies measures a closed loop: each client sends its next request after its answer.
// The load generator shares the machine with the stack.
func latencies(ctx context.Context, s *stack.Stack) error {
	c, err := createMerchant(ctx, s)
	if err != nil {
		return err
	}
	fmt.Println("| clients | operation | requests | per second | p50 ms | p95 ms | errors | queues drained after s |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, load := range []struct{ clients, requests int }{{1, 100}, {10, 400}, {100, 800}} {
		keys := make([]string, load.requests)
		for i := range keys {
			keys[i] = client.NewKey()
		}
		prefix := fmt.Sprintf("%x", time.Now().UnixMilli()%0xffffff)
		body := func(i int) []byte { return request(fmt.Sprintf("%s-%d", prefix, i), i) }
		replies := measure(ctx, c, load.clients, keys, body)
		drained := drain(ctx, s)
		replies.print(load.clients, "create", fmt.Sprintf("%.1f", drained.Seconds()))
		measure(ctx, c, load.clients, keys, body).print(load.clients, "replay", "–")
	}
	return nil
}

// createMerchant creates the merchant with stock of 20 SKUs, and returns a client that acts as it.
func createMerchant(ctx context.Context, s *stack.Stack) (*client.Client, error) {
	c, err := s.NewMerchant(ctx, merchant, registration.GSTIN("27", merchant), "advise")
	if err != nil {
		return nil, err
	}
	for n := range 20 {
		stock := map[string]any{"merchant_id": merchant, "on_hand": 1_000_000}
		if err := c.Put(ctx, fmt.Sprintf("/inventory/B-%d", n), stock); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func request(number string, n int) []byte {
	return fmt.Appendf(nil, `{"invoice_number":%q,"seller_merchant_id":%q,`+
		`"buyer_gstin":"29AABCU9603R1ZJ","invoice_date":"2025-11-26",`+
		`"items":[{"sku":"B-%d","description":"Steel bottle","hsn":"732393","quantity":1,`+
		`"unit":"NOS","unit_price":"250.00","gst_rate":18}]}`,
		number, merchant, n%20)
}

// results are those of one load.
type results struct {
	took   []time.Duration
	errors int
	wall   time.Duration
}

func measure(ctx context.Context, c *client.Client, clients int, keys []string, body func(int) []byte) results {
	var next atomic.Int64
	var mu sync.Mutex
	var r results
	var wg sync.WaitGroup
	began := time.Now()
	for range clients {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(keys); i = int(next.Add(1)) - 1 {
				reply, err := c.Create(ctx, keys[i], body(i))
				mu.Lock()
				if err != nil || reply.Status != 201 {
					r.errors++
				} else {
					r.took = append(r.took, reply.Took)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	r.wall = time.Since(began)
	slices.Sort(r.took)
	return r
}

// drain waits until the queues are empty, with no message delayed, visible or in flight,
// and returns how long that took.
func drain(ctx context.Context, s *stack.Stack) time.Duration {
	began := time.Now()
	_ = stack.Await(ctx, 2*time.Minute, func() (bool, error) {
		n, err := s.Backlog(ctx)
		return n == 0, err
	})
	return time.Since(began)
}

func (r results) print(clients int, operation, drained string) {
	at := func(p float64) float64 {
		if len(r.took) == 0 {
			return 0
		}
		return float64(r.took[int(p*float64(len(r.took)-1))].Microseconds()) / 1000
	}
	fmt.Printf("| %d | %s | %d | %.0f | %.1f | %.1f | %d | %s |\n", clients, operation, len(r.took)+r.errors,
		float64(len(r.took))/r.wall.Seconds(), at(0.50), at(0.95), r.errors, drained)
}
