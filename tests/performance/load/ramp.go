package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/invariants"
)

// recovery is the time that the system has to recover from an overload.
const recovery = 30 * time.Second

// steps are the numbers of concurrent clients.
func steps() []int { return []int{1, 2, 5, 10, 20, 40, 70, 100, 150, 200, 300, 400} }

// step is the result for one number of clients.
type step struct {
	clients, issued, shed, failed, backlog int
	seconds                                float64
	took                                   []time.Duration // latencies of issued invoices
}

// ramp raises the number of clients. Each sends its next request after its answer, or
// after the Retry-After of a refusal. It writes ramp.csv and ramp.png.
func (l *load) ramp(ctx context.Context) error {
	f, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer f.Close(ctx)
	var numbers atomic.Int64
	pool := client.New(l.URL, slices.Max(steps()), 40*time.Second).HTTP
	rows := [][]string{{"clients", "issued_per_s", "p50_ms", "p95_ms", "shed_per_s", "errors_per_s", "backlog"}}
	fmt.Println("| clients | invoices/s | p50 ms | p95 ms | shed/s | errors/s | backlog |\n" +
		"|---|---|---|---|---|---|---|")
	issued := 0
	for _, n := range steps() {
		s := f.step(ctx, pool, n, l.duration/time.Duration(len(steps())), &numbers)
		if s.backlog, err = f.Backlog(ctx); err != nil {
			return err
		}
		issued += s.issued
		rows = append(rows, s.row())
		fmt.Printf("| %s | %s | %s | %s | %s | %s | %s |\n", anys(s.row())...)
	}
	took, err := f.awaitRecovery(ctx, pool, &numbers)
	if err != nil {
		return err
	}
	fmt.Printf("\nafter the load's end: answers under 500 ms again after %.1f s, all queues empty after %.1f s\n\n",
		took.answers.Seconds(), took.queues.Seconds())
	if took.answers > recovery {
		err = fmt.Errorf("no recovery within %s", recovery)
	}
	err = errors.Join(err, l.plot(ctx, rows))
	return errors.Join(err, f.Balance(ctx, func(s *invariants.Snapshot, check invariants.Check) {
		check(max(0, issued-len(s.SagaOf)), "%d answers of 201 have invoices", issued)
	}))
}

func (f *fixture) step(
	ctx context.Context, pool *http.Client, clients int, duration time.Duration, numbers *atomic.Int64,
) step {
	s := step{clients: clients}
	began := time.Now()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for time.Since(began) < duration && ctx.Err() == nil {
				r := f.create(ctx, pool, int(numbers.Add(1)))
				refused := shed(r)
				mu.Lock()
				switch {
				case r.Status == 201:
					s.issued++
					s.took = append(s.took, r.Took)
				case refused:
					s.shed++
				default:
					s.failed++
				}
				mu.Unlock()
				if refused {
					time.Sleep(min(r.RetryAfter(), time.Until(began.Add(duration))))
				}
			}
		})
	}
	wg.Wait()
	s.seconds = time.Since(began).Seconds()
	slices.Sort(s.took)
	return s
}

// create sends request n. An error is a reply with status 0.
func (f *fixture) create(ctx context.Context, pool *http.Client, n int) client.Reply {
	c, err := f.Over(ctx, pool, f.Merchant(n))
	if err != nil {
		return client.Reply{}
	}
	r, _ := c.Create(ctx, client.NewKey(), f.Request(f.Merchant(n), n, n/invariants.Merchants))
	return r
}

// shed reports whether an answer is a refusal with Retry-After and not a failure.
func shed(r client.Reply) bool {
	return (r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable) && r.RetryAfter() > 0
}

func (s step) row() []string {
	at := func(q float64) string {
		if len(s.took) == 0 {
			return "–"
		}
		return strconv.FormatInt(s.took[int(q*float64(len(s.took)-1))].Milliseconds(), 10)
	}
	rate := func(n int) string { return strconv.FormatFloat(float64(n)/s.seconds, 'f', 1, 64) }
	return []string{
		strconv.Itoa(s.clients), rate(s.issued), at(0.50), at(0.95), rate(s.shed), rate(s.failed), strconv.Itoa(s.backlog),
	}
}

// recoveryTimes are measured from the load's end: until answers are fast again and until
// the queues are empty.
type recoveryTimes struct{ answers, queues time.Duration }

// awaitRecovery sends single requests until five in a row are fast, and waits until the
// queues are empty.
func (f *fixture) awaitRecovery(
	ctx context.Context, pool *http.Client, numbers *atomic.Int64,
) (recoveryTimes, error) {
	began := time.Now()
	for fast := 0; fast < 5; {
		r := f.create(ctx, pool, int(numbers.Add(1)))
		fast++
		if r.Status != 201 || r.Took > 500*time.Millisecond {
			fast = 0
		}
		if time.Since(began) > 5*time.Minute || ctx.Err() != nil {
			return recoveryTimes{}, errors.New("no recovery within 5 minutes")
		}
	}
	t := recoveryTimes{answers: time.Since(began)}
	drained, err := f.Drained(ctx)
	t.queues = t.answers + drained
	return t, err
}

func anys(row []string) []any {
	all := make([]any, len(row))
	for i, v := range row {
		all[i] = v
	}
	return all
}
