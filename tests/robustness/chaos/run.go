package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/invochain/invochain/tests/framework/invariants"
	"github.com/invochain/invochain/tests/framework/stack"
)

// Times of a run, and what it must keep to.
const (
	clients   = 8  // who start the functions' processes: the alerts see them
	requests  = 15 // of each
	steadyFor = 20 * time.Second
	tail      = 10 * time.Second       // of load after the fault's end
	target    = time.Minute            // from then until all should be well
	steadyP95 = 500 * time.Millisecond // the objective of docs/slo.md
)

// run is one doing of an experiment.
type run struct {
	*invariants.World
	experiment
	verdict

	set    settings
	faults faults
	alerts *alerts
	load   *load
	floor  time.Duration // of an answer that costs nothing
	began  []time.Time   // of each phase
	healed time.Time     // the last one's end
	well   wellness
}

var errUnsteady = errors.New("there is no steady state to disturb")

// do does an experiment with what runs.
func do(ctx context.Context, x experiment, s *stack.Stack, set settings) error {
	url := s.Vars("INVOCHAIN_FAULTS_URL")
	if url == "" {
		return errors.New("the stack was brought up without -faults: make chaos brings up one of its own")
	}
	fmt.Printf("\n%s: %s\n\n", x.name, x.hypothesis)
	alerts, err := watch(ctx, s.URL)
	if err != nil {
		return err
	}
	defer alerts.stop()
	say("merchants, stock, and processes of the functions")
	w, err := invariants.Begin(ctx, s, clients, requests)
	if err != nil {
		return err
	}
	defer w.Close(ctx)
	r := &run{
		World: w, experiment: x, set: set, faults: faults{url}, alerts: alerts,
		load: &load{w: w, client: newClient(s.URL)},
	}
	if err := r.disturb(ctx); err != nil {
		return err
	}
	return r.judge(ctx)
}

// disturb has load arrive from before the fault until after it, and waits until all is
// well again.
func (r *run) disturb(ctx context.Context) error {
	if err := r.measureFloor(ctx); err != nil {
		return err
	}
	patient, giveUp := context.WithCancel(ctx)
	defer giveUp()
	arriving, close := context.WithCancel(ctx)
	defer close()
	r.load.wg.Go(func() { r.load.arrive(arriving, patient, r.set.rate) })
	err := r.steady(ctx)
	if err == nil {
		err = r.inject(ctx)
	}
	if err == nil {
		say("mended; load for another %s", tail)
		pause(ctx, tail)
	}
	close()
	if err != nil {
		giveUp()
		r.load.wg.Wait()
		return err
	}
	time.AfterFunc(r.set.patience, giveUp)
	r.load.wg.Wait()
	return r.recover(ctx)
}

// measureFloor takes the median of answers that ask nobody.
func (r *run) measureFloor(ctx context.Context) error {
	var took []answer
	for range 21 {
		reply, err := r.Call(ctx, http.MethodGet, "/health", nil)
		if err != nil {
			return err
		}
		took = append(took, answer{Attempt: stack.Attempt{Took: reply.Took}})
	}
	r.floor = quantile(took, 0.5)
	return nil
}

// steady looks whether all is well under load: else an experiment would tell nothing.
func (r *run) steady(ctx context.Context) error {
	// The alerts have watched for less time than passes between two runs of recovery.
	if err := r.invoke(ctx, "INVOCHAIN_RECOVER_FUNCTION", []byte("{}")); err != nil {
		return err
	}
	say("load of %g/s; steady state, for %s", r.set.rate, steadyFor)
	began := time.Now()
	pause(ctx, steadyFor)
	list := r.load.between(began, time.Now())
	bad := those(list, func(a answer) bool { return a.Status != http.StatusCreated })
	r.check(len(list) > 0 && len(bad) == 0, "steady: %d answers, all 201 (others: %s)", len(list), r.load.refusals())
	r.check(quantile(list, 0.95) < steadyP95, "steady: p50 %d ms, p95 %d ms", ms(quantile(list, 0.5)), ms(quantile(list, 0.95)))
	firing := slices.DeleteFunc(r.alerts.fired(), func(name string) bool { return slices.Contains(creeping(), name) })
	r.check(len(firing) == 0, "steady: no alert is on %v", firing)
	if r.failed > 0 {
		return errUnsteady
	}
	return ctx.Err()
}

// judge holds everything against everything.
func (r *run) judge(ctx context.Context) error {
	r.judgeRecovery()
	r.judgeAlerts(ctx)
	fmt.Println("\nwhat callers saw")
	r.none(r.load.unserved(), "every order at the HTTP door has its final answer")
	r.expect(r)
	err := r.promises(ctx)
	return errors.Join(err, r.addRow(), r.err())
}
