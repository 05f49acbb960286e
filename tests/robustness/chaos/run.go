package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/tests/framework/invariants"
	"github.com/invochain/invochain/tests/framework/stack"
)

// Durations and bounds of a run.
const (
	clients   = 8  // that warm the stack; the alerts see their requests
	requests  = 15 // of each of these clients
	steadyFor = 20 * time.Second
	tail      = 10 * time.Second       // of load after the fault's end
	target    = time.Minute            // to recover after the fault's end
	steadyP95 = 500 * time.Millisecond // the objective of docs/slo.md
)

// run is one run of an experiment.
type run struct {
	*invariants.Fixture
	experiment
	verdict

	set       settings
	faults    faults
	alerts    *alerts
	load      *load
	floor     time.Duration // latency of GET /health
	began     []time.Time   // starts of the phases
	healed    time.Time     // end of the last phase
	recovered recoveryTimes
}

var errUnsteady = errors.New("no steady state before the fault")

// runExperiment runs an experiment with the running stack.
func runExperiment(ctx context.Context, x experiment, s *stack.Stack, set settings) error {
	url := s.Vars("INVOCHAIN_FAULTS_URL")
	if url == "" {
		return errors.New("the stack runs without -faults; make chaos starts one of its own")
	}
	fmt.Printf("\n%s: %s\n\n", x.name, x.hypothesis)
	alerts, err := startAlerts(ctx, s.URL)
	if err != nil {
		return err
	}
	defer alerts.stop()
	logf("create merchants and stock, start the functions' processes")
	f, err := invariants.Setup(ctx, s, clients, requests)
	if err != nil {
		return err
	}
	defer f.Close(ctx)
	byMerchant, err := merchantClients(ctx, f)
	if err != nil {
		return err
	}
	r := &run{
		Fixture: f, experiment: x, set: set, faults: faults{url}, alerts: alerts,
		load: &load{fixture: f, clients: byMerchant},
	}
	if err := r.disturb(ctx); err != nil {
		return err
	}
	return r.judge(ctx)
}

// disturb injects the faults under load, which starts before them and ends after them, and
// waits for recovery.
func (r *run) disturb(ctx context.Context) error {
	if err := r.measureFloor(ctx); err != nil {
		return err
	}
	retryCtx, stopRetries := context.WithCancel(ctx)
	defer stopRetries()
	arrivalCtx, stopArrivals := context.WithCancel(ctx)
	defer stopArrivals()
	r.load.wg.Go(func() { r.load.arrive(arrivalCtx, retryCtx, r.set.rate) })
	err := r.steady(ctx)
	if err == nil {
		err = r.inject(ctx)
	}
	if err == nil {
		logf("fault removed; load for another %s", tail)
		pause(ctx, tail)
	}
	stopArrivals()
	if err != nil {
		stopRetries()
		r.load.wg.Wait()
		return err
	}
	time.AfterFunc(r.set.patience, stopRetries)
	r.load.wg.Wait()
	return r.awaitRecovery(ctx)
}

// measureFloor measures the median latency of GET /health, which calls no AWS service.
func (r *run) measureFloor(ctx context.Context) error {
	var took []answer
	for range 21 {
		reply, err := r.Call(ctx, http.MethodGet, "/health", nil)
		if err != nil {
			return err
		}
		took = append(took, answer{Reply: client.Reply{Took: reply.Took}})
	}
	r.floor = quantile(took, 0.5)
	return nil
}

// steady checks the steady state under load, without which an experiment proves nothing.
func (r *run) steady(ctx context.Context) error {
	// The alerts need a run of recovery in their window, which is shorter than its schedule.
	if err := r.invoke(ctx, deployment.RecoverFunction, []byte("{}")); err != nil {
		return err
	}
	logf("load of %g/s; steady state, for %s", r.set.rate, steadyFor)
	start := time.Now()
	pause(ctx, steadyFor)
	list := r.load.between(start, time.Now())
	bad := filter(list, func(a answer) bool { return a.Status != http.StatusCreated })
	r.check(len(list) > 0 && len(bad) == 0, "steady: %d answers, all 201 (others: %s)", len(list), r.load.refusals())
	r.check(quantile(list, 0.95) < steadyP95,
		"steady: p50 %d ms, p95 %d ms", ms(quantile(list, 0.5)), ms(quantile(list, 0.95)))
	ignored := func(name string) bool { return slices.Contains(ignoredAlerts(), name) }
	firing := slices.DeleteFunc(r.alerts.names(), ignored)
	r.check(len(firing) == 0, "steady: no alert fires %v", firing)
	if r.failed > 0 {
		return errUnsteady
	}
	return ctx.Err()
}

// judge checks the recovery, the alerts, the answers and the promises.
func (r *run) judge(ctx context.Context) error {
	r.judgeRecovery()
	r.judgeAlerts(ctx)
	fmt.Println("\nanswers to callers")
	r.none(r.load.unserved(), "every HTTP order has its final answer")
	r.expect(r)
	err := r.promises(ctx)
	return errors.Join(err, r.addRow(), r.err())
}
