package main

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/function/telemetry/telemetrytest"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/operations/gauge"
	"github.com/invochain/invochain/shared/resilience"
)

// shards is how many shards the store has, by default as here.
const shards = 112

// store gives its due sagas a page at a time, as the table does.
type store struct {
	sagas

	mu       sync.Mutex
	due      []saga.Record
	put      map[string]time.Time
	redriven []string
}

func (s *store) DuePages(_ context.Context, limit int) iter.Seq2[[]saga.Record, error] {
	return func(yield func([]saga.Record, error) bool) {
		for page := range slices.Chunk(s.due, shards*limit) {
			if !yield(slices.Clone(page), nil) {
				return
			}
		}
	}
}

func (s *store) Redrive(_ context.Context, r saga.Record) (saga.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put[r.SagaID] = time.Time{}
	s.redriven = append(s.redriven, r.SagaID)
	if r.State = saga.Compensating; r.Cancels {
		r.State = saga.Cancelling
	}
	return r, nil
}

func (s *store) Postpone(_ context.Context, r saga.Record, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Reason == unmovable {
		return errors.New("throttled")
	}
	s.put[r.SagaID] = until
	return nil
}

// unmovable is the reason of a saga that can be neither moved nor postponed.
const unmovable = "unmovable"

type always struct{}

func (always) WithLock(
	ctx context.Context,
	_ string,
	_ time.Duration,
	do func(context.Context, lock.Lease) error,
) error {
	return do(ctx, lock.Lease{})
}

func (always) Start(context.Context, saga.Record) error { return nil }

type down struct{}

func (down) Send(context.Context, string, any) error { return errors.New("down") }

// TestSagasThatKeepFailingStarveNoOther: more than a page of them are due before one
// that can be moved.
func TestSagasThatKeepFailingStarveNoOther(t *testing.T) {
	s := &store{put: map[string]time.Time{}}
	for range shards*pageSize + 5 {
		s.due = append(s.due, saga.Record{SagaID: time.Duration(len(s.due)).String(), State: saga.Committed})
	}
	s.due = append(
		s.due,
		saga.Record{SagaID: "from the future", State: "PAUSED"},
		saga.Record{SagaID: "stuck", State: saga.Stuck},
	)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	h := handler{
		locks: always{}, fenced: func(lock.Lease) sagas { return s }, compensator: always{}, audits: down{}, gauges: states{},
		now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler),
	}
	require.NoError(t, h.handle(t.Context()))
	require.Equal(t, []string{"stuck"}, s.redriven)
	require.Len(t, s.put, len(s.due), "each was moved or postponed, and none was read twice")
	require.Equal(t, now.Add(30*time.Second), s.put["from the future"])
}

// TestASagaThatCannotBePostponedStopsNoOther, and the run tells of it.
func TestASagaThatCannotBePostponedStopsNoOther(t *testing.T) {
	s := &store{put: map[string]time.Time{}, due: []saga.Record{
		{SagaID: "bad", State: "PAUSED", Reason: unmovable}, {SagaID: "stuck", State: saga.Stuck},
	}}
	h := handler{
		locks: always{}, fenced: func(lock.Lease) sagas { return s }, compensator: always{}, audits: down{}, gauges: states{},
		now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }, log: slog.New(slog.DiscardHandler),
	}
	for n := range shards * pageSize {
		s.due = append(s.due, saga.Record{SagaID: time.Duration(n).String(), State: saga.Stuck})
	}
	require.ErrorContains(t, h.handle(t.Context()), "throttled")
	require.Len(t, s.redriven, 1+shards*pageSize, "those of the next page too")
}

// slow takes a second for each message.
type slow struct{ sent chan struct{} }

func (s slow) Send(ctx context.Context, _ string, _ any) error {
	s.sent <- struct{}{}
	return resilience.Sleep(ctx, time.Second)
}

// audited counts the sagas whose audit was requested again.
type audited struct {
	*store

	at []time.Time
}

func (a *audited) AuditRetried(_ context.Context, r saga.Record) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.put[r.SagaID] = time.Time{}
	a.at = append(a.at, time.Now()) //nolint:forbidigo // the bubble's time
	return nil
}

// TestARunEndsBeforeItsTime: with more to do than it has time for, it measures, and is no failure. Several
// sagas are moved at the same time.
func TestARunEndsBeforeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &audited{store: &store{put: map[string]time.Time{}}}
		for n := range 5000 {
			a.due = append(a.due, saga.Record{SagaID: time.Duration(n).String(), State: saga.Committed})
		}
		ctx, recorded := telemetrytest.Record(t)
		ctx, cancel := context.WithTimeout(ctx, 50*time.Second)
		defer cancel()
		h := handler{
			locks: always{}, fenced: func(lock.Lease) sagas { return a }, audits: slow{make(chan struct{}, 5000)},
			gauges: states{{Name: metric.SagaStuck, Value: 3}}, now: time.Now, //nolint:forbidigo // the bubble's time
			log: slog.New(slog.DiscardHandler),
		}
		require.NoError(t, h.handle(ctx))
		require.NoError(t, ctx.Err(), "there is time left")
		require.InDelta(t, 3, recorded()["saga_stuck{}"], 0)
		require.InDelta(t, 40*workers, len(a.at), 5*workers)
	})
}

// onAWS takes as long as SQS and DynamoDB do.
type onAWS struct{ audited }

func (o *onAWS) Send(ctx context.Context, _ string, _ any) error {
	return resilience.Sleep(ctx, 20*time.Millisecond)
}

func (o *onAWS) AuditRetried(ctx context.Context, r saga.Record) error {
	return errors.Join(resilience.Sleep(ctx, 10*time.Millisecond), o.audited.AuditRetried(ctx, r))
}

// TestARunMovesAThousandASecond at the times that calls take on AWS.
func TestARunMovesAThousandASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &onAWS{audited{store: &store{put: map[string]time.Time{}}}}
		for n := range 10_000 {
			o.due = append(o.due, saga.Record{SagaID: time.Duration(n).String(), State: saga.Committed})
		}
		h := handler{
			locks: always{}, fenced: func(lock.Lease) sagas { return o }, audits: o, gauges: states{},
			now: time.Now, log: slog.New(slog.DiscardHandler), //nolint:forbidigo // the bubble's time
		}
		began := time.Now() //nolint:forbidigo // the bubble's time
		require.NoError(t, h.handle(t.Context()))
		require.Len(t, o.at, 10_000)
		require.Less(t, time.Since(began), 10*time.Second)
	})
}

// TestCancellationsAreRedriven, whose execution was lost.
func TestCancellationsAreRedriven(t *testing.T) {
	s := &store{put: map[string]time.Time{}, due: []saga.Record{{SagaID: "c", State: saga.Cancelling, Cancels: true}}}
	var started machines
	h := handler{
		locks: always{}, fenced: func(lock.Lease) sagas { return s }, compensator: &started, audits: down{}, gauges: states{},
		now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }, log: slog.New(slog.DiscardHandler),
	}
	require.NoError(t, h.handle(t.Context()))
	require.Equal(t, machines{"c"}, started)
}

// throttled is Step Functions that refuses every execution.
type throttled struct{}

func (throttled) Start(context.Context, saga.Record) error { return errors.New("ThrottlingException") }

// TestExecutionsThatAreRefusedStopNoOther: they are tried again by the next run.
func TestExecutionsThatAreRefusedStopNoOther(t *testing.T) {
	a := &audited{store: &store{put: map[string]time.Time{}}}
	for n := range 3 * shards * pageSize {
		a.due = append(a.due, saga.Record{SagaID: time.Duration(n).String(), State: saga.Stuck})
	}
	a.due = append(a.due, saga.Record{SagaID: "committed", State: saga.Committed})
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	h := handler{
		locks: always{}, fenced: func(lock.Lease) sagas { return a }, compensator: throttled{}, audits: sent{},
		gauges: states{}, now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler),
	}
	require.NoError(t, h.handle(t.Context()))
	require.Len(t, a.at, 1)
	require.Equal(t, now.Add(retryAfter), a.put["0s"])
}

// sent takes every message.
type sent struct{}

func (sent) Send(context.Context, string, any) error { return nil }

// order records what is sent and redriven, in order.
type order struct {
	*store

	acts  []events.Act
	calls []string
}

func (o *order) Send(_ context.Context, group string, m any) error {
	act := *m.(events.AuditRequest).Act
	o.acts, o.calls = append(o.acts, act), append(o.calls, "act of "+group)
	return nil
}

func (o *order) Redrive(ctx context.Context, r saga.Record) (saga.Record, error) {
	o.calls = append(o.calls, "redrive")
	return o.store.Redrive(ctx, r)
}

// TestRedrivesAreActs: the log has one entry for each redrive, sent before it takes effect.
func TestRedrivesAreActs(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var o order
	h := handler{
		locks: always{}, fenced: func(lock.Lease) sagas { return &o }, compensator: always{}, audits: &o, gauges: states{},
		now: func() time.Time { return now }, log: slog.New(slog.DiscardHandler),
	}
	for _, redrive := range []int{2, 2, 3} {
		o.store = &store{put: map[string]time.Time{}, due: []saga.Record{
			{SagaID: "s", MerchantID: "m", State: saga.Stuck, Redrive: redrive},
		}}
		require.NoError(t, h.handle(t.Context()))
	}
	require.Equal(t, []string{"act of m", "redrive", "act of m", "redrive", "act of m", "redrive"}, o.calls)
	require.Equal(t, events.Act{
		ID: o.acts[0].ID, Action: events.SagaRedriven, MerchantID: "m", Subject: "s", Actor: "recover-sagas",
		Reason: "it was STUCK", At: now,
	}, o.acts[0])
	require.Equal(t, o.acts[0].ID, o.acts[1].ID)
	require.NotEqual(t, o.acts[0].ID, o.acts[2].ID)
}

// machines are the sagas whose executions were started.
type machines []string

func (m *machines) Start(_ context.Context, r saga.Record) error {
	*m = append(*m, r.SagaID)
	return nil
}

// lockWith is a lock whose WithLock returns err.
type lockWith struct{ err error }

func (l lockWith) WithLock(context.Context, string, time.Duration, func(context.Context, lock.Lease) error) error {
	return l.err
}

// TestARunMeasuresAgainWhatItMoved, and only then: it has nothing else to tell.
func TestARunMeasuresAgainWhatItMoved(t *testing.T) {
	t.Parallel()
	stuck := saga.Record{SagaID: "stuck", State: saga.Stuck}
	for want, due := range map[int][]saga.Record{1: nil, 2: {stuck}} {
		s, measured := &store{put: map[string]time.Time{}, due: due}, measurements(0)
		h := handler{
			locks: always{}, fenced: func(lock.Lease) sagas { return s }, compensator: always{}, audits: sent{},
			gauges: &measured, log: slog.New(slog.DiscardHandler),
			now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		}
		require.NoError(t, h.handle(t.Context()))
		require.EqualValues(t, want, measured)
	}
}

// measurements counts the readings of the gauges.
type measurements int

func (m *measurements) Read(context.Context) ([]gauge.Reading, []string) {
	*m++
	return nil, nil
}

// states are readings of gauges.
type states []gauge.Reading

func (s states) Read(context.Context) ([]gauge.Reading, []string) { return s, []string{gauge.Queues} }

// dying is a lock under which the process is killed. It reports what was written by then.
type dying struct {
	out  *bytes.Buffer
	seen string
}

func (d *dying) WithLock(context.Context, string, time.Duration, func(context.Context, lock.Lease) error) error {
	d.seen = d.out.String()
	return nil
}

// TestGaugesAreSentBeforeAnythingIsMoved: a run that is killed has reported them.
func TestGaugesAreSentBeforeAnythingIsMoved(t *testing.T) {
	var out bytes.Buffer
	recorder, err := telemetry.New(telemetry.Config{
		Mode: telemetry.Stdout, Out: &out, Catalogue: metric.Catalogue(), Now: time.Now, //nolint:forbidigo // lines are dated
	})
	require.NoError(t, err)
	killed := &dying{out: &out}
	h := handler{
		locks: killed, gauges: states{{Name: metric.SagaStuck, Value: 3}}, log: slog.New(slog.DiscardHandler),
	}
	require.NoError(t, h.handle(telemetry.NewContext(t.Context(), recorder)))
	require.InDelta(t, 3, telemetrytest.Sums(t, killed.seen)["saga_stuck{}"], 0)
}

func TestRunsAreCounted(t *testing.T) {
	ctx, counted := telemetrytest.Record(t)
	for _, err := range []error{nil, &lock.HeldError{}, &lock.HeldError{}, errors.New("no table")} {
		_ = handler{locks: lockWith{err}, gauges: states{}, log: slog.New(slog.DiscardHandler)}.handle(ctx)
	}
	require.Equal(t, map[string]float64{
		"recover_runs_total{outcome=ok}": 1, "recover_runs_total{outcome=held}": 2, "recover_runs_total{outcome=failed}": 1,
	}, counted())
}

// TestGaugesAreRecordedAlsoAfterAFailure: the alarms on AWS depend on them.
func TestGaugesAreRecordedAlsoAfterAFailure(t *testing.T) {
	stuck := states{
		{Name: metric.SagaStuck, Value: 3},
		{Name: metric.BreakerState, Labels: []string{"inventory"}, Value: 2},
	}
	for _, err := range []error{nil, errors.New("no table")} {
		ctx, recorded := telemetrytest.Record(t)
		_ = handler{locks: lockWith{err}, gauges: stuck, log: slog.New(slog.DiscardHandler)}.handle(ctx)
		all := recorded()
		require.InDelta(t, 3, all["saga_stuck{}"], 0)
		require.InDelta(t, 2, all["circuit_breaker_state{dependency=inventory}"], 0)
	}
}
