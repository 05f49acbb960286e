package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/invochain/invochain/tests/framework/invariants"
	"github.com/invochain/invochain/tests/framework/stack"
)

// recovery is how soon after a load beyond its strength the system must be well.
const recovery = 30 * time.Second

// steps of the ramp: how many clients send at once.
func steps() []int { return []int{1, 2, 5, 10, 20, 40, 70, 100, 150, 200, 300, 400} }

// step is what one number of clients met with.
type step struct {
	clients, issued, shed, failed, backlog int
	seconds                                float64
	took                                   []time.Duration // of what was issued
}

// ramp raises the number of clients, each of which sends its next request when it has
// an answer, or when a refusal said to come back. It leaves ramp.csv and ramp.png.
func (l *load) ramp(ctx context.Context) error {
	w, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer w.Close(ctx)
	var numbers atomic.Int64
	c := stack.NewSender(l.URL, slices.Max(steps()))
	rows := [][]string{{"clients", "issued_per_s", "p50_ms", "p95_ms", "shed_per_s", "errors_per_s", "backlog"}}
	fmt.Println("| clients | invoices/s | p50 ms | p95 ms | shed/s | errors/s | backlog |\n|---|---|---|---|---|---|---|")
	issued := 0
	for _, n := range steps() {
		s := w.step(ctx, c, n, l.duration/time.Duration(len(steps())), &numbers)
		if s.backlog, err = w.Backlog(ctx); err != nil {
			return err
		}
		issued += s.issued
		rows = append(rows, s.row())
		fmt.Printf("| %s | %s | %s | %s | %s | %s | %s |\n", anys(s.row())...)
	}
	well, err := w.recovered(ctx, c, &numbers)
	if err != nil {
		return err
	}
	fmt.Printf("\nafter the load's end: answers under 500 ms again after %.1f s, all queues empty after %.1f s\n\n", well.answers.Seconds(), well.queues.Seconds())
	if well.answers > recovery {
		err = fmt.Errorf("no recovery within %s", recovery)
	}
	err = errors.Join(err, l.plot(ctx, rows))
	return errors.Join(err, w.Balance(ctx, func(b *invariants.Books, check invariants.Check) {
		check(max(0, issued-len(b.SagaOf)), "%d answers of 201 have invoices", issued)
	}))
}

func (w *world) step(ctx context.Context, c stack.Sender, clients int, duration time.Duration, numbers *atomic.Int64) step {
	s := step{clients: clients}
	began := time.Now()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for time.Since(began) < duration && ctx.Err() == nil {
				n := int(numbers.Add(1))
				r := c.Create(ctx, stack.NewKey(), w.Request(w.Merchant(n), n, n/invariants.Merchants))
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
					time.Sleep(min(r.After, time.Until(began.Add(duration))))
				}
			}
		})
	}
	wg.Wait()
	s.seconds = time.Since(began).Seconds()
	slices.Sort(s.took)
	return s
}

// shed tells an honest refusal from a failure: it says when to come back.
func shed(a stack.Attempt) bool {
	return (a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable) && a.After > 0
}

func (s step) row() []string {
	at := func(q float64) string {
		if len(s.took) == 0 {
			return "–"
		}
		return strconv.FormatInt(s.took[int(q*float64(len(s.took)-1))].Milliseconds(), 10)
	}
	rate := func(n int) string { return strconv.FormatFloat(float64(n)/s.seconds, 'f', 1, 64) }
	return []string{strconv.Itoa(s.clients), rate(s.issued), at(0.50), at(0.95), rate(s.shed), rate(s.failed), strconv.Itoa(s.backlog)}
}

// wellness is how long after the load the system was as before it.
type wellness struct{ answers, queues time.Duration }

// recovered probes with single requests until five in a row are quick.
func (w *world) recovered(ctx context.Context, c stack.Sender, numbers *atomic.Int64) (wellness, error) {
	began := time.Now()
	for quick := 0; quick < 5; {
		n := int(numbers.Add(1))
		r := c.Create(ctx, stack.NewKey(), w.Request(w.Merchant(n), n, n/invariants.Merchants))
		quick++
		if r.Status != 201 || r.Took > 500*time.Millisecond {
			quick = 0
		}
		if time.Since(began) > 5*time.Minute || ctx.Err() != nil {
			return wellness{}, errors.New("no recovery within 5 minutes")
		}
	}
	well := wellness{answers: time.Since(began)}
	drained, err := w.Drained(ctx)
	well.queues = well.answers + drained
	return well, err
}

// plot leaves the rows as CSV, and as a picture.
func (l *load) plot(ctx context.Context, rows [][]string) error {
	path := filepath.Join(l.dir, "ramp.csv")
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := errors.Join(csv.NewWriter(f).WriteAll(rows), f.Close()); err != nil {
		return err
	}
	picture := filepath.Join(l.dir, "ramp.png")
	out, err := exec.CommandContext(ctx, l.python, filepath.Join("tests", "performance", "load", "ramp.py"), path, picture).CombinedOutput()
	if err != nil {
		return fmt.Errorf("draw the ramp: %w\n%s", err, out)
	}
	fmt.Printf("%s and %s\n\n", path, picture)
	return nil
}

func anys(row []string) []any {
	all := make([]any, len(row))
	for i, v := range row {
		all[i] = v
	}
	return all
}
