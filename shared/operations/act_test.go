package operations_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/operations"
)

// stuck is a store with one saga, and what starts its compensation.
type stuck struct {
	saga.Record

	started int
}

func (s *stuck) Load(context.Context, string) (saga.Record, error) { return s.Record, nil }

func (s *stuck) Redrive(_ context.Context, r saga.Record) (saga.Record, error) {
	s.Record.Redrive++
	s.State = saga.Compensating
	return r, nil
}

func (s *stuck) Start(context.Context, saga.Record) error {
	s.started++
	return nil
}

// store is the sagas of a System, of which it needs two methods here.
type store struct {
	*saga.Store
	*stuck
}

func (s store) Load(ctx context.Context, id string) (saga.Record, error) {
	return s.stuck.Load(ctx, id)
}

func (s store) Redrive(ctx context.Context, r saga.Record) (saga.Record, error) {
	return s.stuck.Redrive(ctx, r)
}

// rotator counts the runs of rotate-keys.
type rotator struct{ runs int }

func (r *rotator) Invoke(
	context.Context, *lambda.InvokeInput, ...func(*lambda.Options),
) (*lambda.InvokeOutput, error) {
	r.runs++
	return &lambda.InvokeOutput{Payload: []byte("{}")}, nil
}

// deployed is a System with tables, a merchant, a client, a key and a stuck saga.
type deployed struct {
	*operations.System

	log     *auditLog
	saga    *stuck
	rotator *rotator
	client  caller.Client
	key     string
}

func deploy(t *testing.T) deployed {
	t.Helper()
	db := dynamotest.Client(t)
	names := dynamotest.Tables(t, db)
	now := func() time.Time { return time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC) }
	d := deployed{
		log: &auditLog{}, rotator: &rotator{},
		saga: &stuck{Record: saga.Record{SagaID: "s", MerchantID: "m", State: saga.Stuck}},
	}
	d.System = &operations.System{
		Acts: d.log, Now: now, Sagas: store{stuck: d.saga}, Compensator: d.saga, Lambda: d.rotator,
		Breaker:   breaker.New(db, breaker.Config{Table: names.Platform, Name: "inventory"}, now),
		Limits:    limit.NewStore(db, names.Limits, now),
		Invoices:  invoice.NewStore(db, names.Invoices),
		Locks:     lock.New(db, lock.Config{Table: names.Platform}, now),
		Callers:   caller.NewStore(db, names.Keys, now),
		Merchants: merchant.NewStore(db, names.Platform, now),
	}
	require.NoError(t, d.Merchants.Put(t.Context(), merchant.Profile{ID: "m", Name: "x", GSTIN: "27AABCU9603R1ZN"}))
	var err error
	d.client, _, err = d.Callers.CreateClient(t.Context(), caller.NewClient("m", caller.Clerk), caller.Test)
	require.NoError(t, err)
	key, _ := callertest.NewKey(t, now())
	d.key = key.ID
	require.NoError(t, d.Callers.AddKey(t.Context(), key))
	return d
}

// commands are what an operator does, with the action and the subject of its entry.
func (d deployed) commands(ctx context.Context, by operations.By) []struct {
	action, merchantID, subject string
	do                          func() error
} {
	scope := invoice.NumberScope{MerchantID: "m", DocumentType: "INV", FinancialYear: "2526"}
	return []struct {
		action, merchantID, subject string
		do                          func() error
	}{
		{events.BreakerForced, "", "inventory OPEN", func() error { return second(d.ForceBreaker(ctx, breaker.Open, by)) }},
		{events.BreakerReset, "", "inventory", func() error { return second(d.ResetBreaker(ctx, by)) }},
		{events.LimitSet, "m", "7/s, 9 at once", func() error {
			return d.SetLimit(ctx, "m", limit.Rate{PerSecond: 7, Burst: 9}, by)
		}},
		{events.LimitReset, "m", "", func() error { return d.ResetLimit(ctx, "m", by) }},
		{events.SeriesHandedOver, "m", "INV 2526 S 413", func() error { return d.TakeOverSeries(ctx, scope, "S", 413, by) }},
		{events.KeyRotated, "", "", func() error { return second(d.RotateKeys(ctx, by)) }},
		{events.KeyWithdrawn, "", d.key, func() error { return second(d.WithdrawKey(ctx, d.key, by)) }},
		{events.SagaRedriven, "m", "s", func() error { return second(d.RedriveSaga(ctx, "s", by)) }},
		{events.ClientRolled, "m", d.client.ID, func() error {
			return second(d.RollSecret(ctx, d.client.ID, caller.Test, time.Hour, by))
		}},
		{events.ClientRevoked, "m", d.client.ID, func() error { return d.RevokeClient(ctx, d.client.ID, by) }},
	}
}

func second[T any](_ T, err error) error { return err }

// state returns what the commands change.
func (d deployed) state(t *testing.T) string {
	t.Helper()
	b, err := d.Breaker.Read(t.Context())
	require.NoError(t, err)
	l, err := d.Limits.Read(t.Context(), limit.PerMerchant().Key("m"))
	require.NoError(t, err)
	known, err := d.Callers.Known(t.Context())
	require.NoError(t, err)
	clients, _, err := d.Callers.Clients(t.Context(), "m", "", 100)
	require.NoError(t, err)
	c, err := d.Callers.Client(t.Context(), d.client.ID)
	require.NoError(t, err)
	all, err := json.Marshal([]any{b, l, known, clients, c, d.saga.Record, d.saga.started, d.rotator.runs})
	require.NoError(t, err)
	return string(all)
}

// TestOperatorsActsAreRecorded: each has one entry, with its actor and reason.
func TestOperatorsActsAreRecorded(t *testing.T) {
	t.Parallel()
	d := deploy(t)
	for i, c := range d.commands(t.Context(), asha) {
		require.NoError(t, c.do(), c.action)
		require.Len(t, d.log.recorded, i+1)
		act := d.log.recorded[i]
		require.Equal(t, events.Act{
			ID: act.ID, Action: c.action, MerchantID: c.merchantID, Subject: c.subject, Actor: "asha", Reason: "a test",
		}, act)
	}
	secret, err := d.CreateClient(t.Context(), caller.NewClient("m", caller.Admin), caller.Test, asha)
	require.NoError(t, err)
	last := d.log.recorded[len(d.log.recorded)-1]
	require.Equal(t, events.ClientCreated, last.Action)
	created, err := d.Callers.Client(t.Context(), last.Subject)
	require.NoError(t, err)
	require.True(t, created.Authentic(secret, d.Now()))
}

// TestNoCommandWithoutItsEntry: the audit queue is away, or the operator has no name, or says too much.
func TestNoCommandWithoutItsEntry(t *testing.T) {
	t.Parallel()
	d := deploy(t)
	before := d.state(t)
	d.log.away = true
	for _, c := range d.commands(t.Context(), asha) {
		require.ErrorIs(t, c.do(), errLost, c.action)
	}
	admin := caller.NewClient("m", caller.Admin)
	require.ErrorIs(t, second(d.CreateClient(t.Context(), admin, caller.Test, asha)), errLost)
	d.log.away = false
	for want, by := range map[string]operations.By{
		"operator name":  {Why: "a test"},
		"200 characters": {Operator: "asha", Why: strings.Repeat("ü", 201)},
	} {
		for _, c := range d.commands(t.Context(), by) {
			require.ErrorContains(t, c.do(), want, c.action)
		}
	}
	require.Empty(t, d.log.recorded)
	require.Equal(t, before, d.state(t))
}

// TestWhatIsRefusedIsNoAct: what can be known before.
func TestWhatIsRefusedIsNoAct(t *testing.T) {
	t.Parallel()
	d := deploy(t)
	d.saga.State = saga.Completed
	require.ErrorIs(t, second(d.RedriveSaga(t.Context(), "s", asha)), saga.ErrLost)
	require.ErrorContains(t, second(d.WithdrawKey(t.Context(), "other", asha)), "no key has the id other")
	require.ErrorIs(t, second(d.CreateClient(t.Context(), caller.NewClient("m", caller.Operator), caller.Test, asha)),
		caller.ErrWrongRole)
	require.ErrorIs(t, d.RevokeClient(t.Context(), "cl_other", asha), caller.ErrNoClient)
	require.Error(t, d.ResetLimit(t.Context(), "other", asha))
	require.Empty(t, d.log.recorded)
}

// TestRepeatedCommandsAddNothing: a revocation, a withdrawal, a hand-over, and a redrive that failed.
func TestRepeatedCommandsAddNothing(t *testing.T) {
	t.Parallel()
	d := deploy(t)
	ids := map[string]map[string]bool{}
	for range 2 {
		d.saga.Record = saga.Record{SagaID: "s", MerchantID: "m", State: saga.Stuck, Redrive: 3}
		for _, c := range d.commands(t.Context(), asha)[4:] {
			_ = c.do() // the second hand-over and roll are refused
		}
	}
	for _, act := range d.log.recorded {
		if ids[act.Action] == nil {
			ids[act.Action] = map[string]bool{}
		}
		ids[act.Action][act.ID] = true
	}
	for _, once := range []string{
		events.SeriesHandedOver, events.KeyWithdrawn, events.SagaRedriven, events.ClientRevoked,
	} {
		require.Len(t, ids[once], 1, once)
	}
}

// TestDeadLettersAreActedOnAfterTheirEntry: without it they stay; one that stays anyway has none.
func TestDeadLettersAreActedOnAfterTheirEntry(t *testing.T) {
	t.Parallel()
	for name, action := range map[string]string{"redrive": events.DeadLetterRedriven, "drop": events.DeadLetterDropped} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q, r, log := newQueues(`{"saga_id":"s","merchant_id":"m-1"}`), &recorder{}, &auditLog{away: true}
			s := system(q, "audit")
			s.Acts = log
			s.OnDropped = func(context.Context, string, string) error { return errors.New("it was not recorded") }
			which := operations.Selection{Queue: "audit"}
			require.ErrorIs(t, acts()[name](s, which, r.done), errLost)
			require.Empty(t, r.ids)
			require.Empty(t, q.sent)
			require.Len(t, q.visible, 1)
			log.away, s.OnDropped = false, nil
			require.NoError(t, acts()[name](s, which, r.done))
			require.Equal(t, []events.Act{{
				ID: events.ActID(action, "audit", "id-1"), Action: action, MerchantID: "m-1", Subject: "audit id-1",
				Actor: "asha", Reason: "a test",
			}}, log.recorded)
		})
	}
}
