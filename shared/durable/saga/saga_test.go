package saga_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/lock"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/problem"
)

type bench struct {
	*saga.Store
	db    *dynamotest.Faults
	table string
	clock *time.Time
}

func newBench(t *testing.T) bench {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	table := dynamotest.Tables(t, db.Client).Platform
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	now := func() time.Time { return clock }
	return bench{saga.NewStore(db, idempotency.New(db, idempotency.Config{Table: table}, now), saga.Config{Table: table}, now), db, table, &clock}
}

func (b bench) begin(t *testing.T) saga.BeginResult {
	t.Helper()
	key := idempotency.Key{Scope: "m", ID: "00000000-0000-4000-8000-000000000001"}
	o, err := b.Begin(t.Context(), key, "f", saga.BeginInput{MerchantID: "m", Reserves: true}, idempotency.WaitLimits{})
	require.NoError(t, err)
	require.Equal(t, idempotency.Acquired, o.Status)
	return o
}

func (b bench) undone(t *testing.T) saga.Record {
	t.Helper()
	r, err := b.Compensate(t.Context(), b.begin(t), saga.RunResult{Pending: []string{step.Delete, step.Release}}, "failed")
	require.NoError(t, err)
	return r
}

func done(names ...string) []saga.StepAttempt {
	var runs []saga.StepAttempt
	for _, n := range names {
		runs = append(runs, saga.StepAttempt{Name: n, Attempt: 1, Outcome: saga.OK})
	}
	return runs
}

func TestRunOwesWhatMayHaveHappenedLastFirst(t *testing.T) {
	fail := errors.New("no answer")
	steps := func(a, b, c error) []saga.Step {
		do := func(err error) func(context.Context, []saga.StepAttempt) error {
			return func(context.Context, []saga.StepAttempt) error { return err }
		}
		return []saga.Step{{Name: "A", Undo: "undo A", Do: do(a)}, {Name: "B", Do: do(b)}, {Name: "C", Undo: "undo C", Do: do(c)}}
	}
	for name, tc := range map[string]struct {
		a, b, c error
		pending []string
		steps   int
	}{
		"all done":                        {nil, nil, nil, []string{"undo C", "undo A"}, 3},
		"first refused":                   {saga.Refuse(fail), nil, nil, nil, 1},
		"first unknown":                   {fail, nil, nil, []string{"undo A"}, 1},
		"one without compensation failed": {nil, fail, nil, []string{"undo A"}, 2},
		"last refused":                    {nil, nil, saga.Refuse(fail), []string{"undo A"}, 3},
		"last unknown":                    {nil, nil, fail, []string{"undo C", "undo A"}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			trace, err := saga.Run(t.Context(), time.Now, 1, steps(tc.a, tc.b, tc.c)) //nolint:forbidigo // times are not looked at
			require.Equal(t, tc.pending, trace.Pending)
			require.Len(t, trace.Steps, tc.steps)
			require.Equal(t, errors.Join(tc.a, tc.b, tc.c) != nil, err != nil)
		})
	}
}

func TestTimelineTellsCodesNotInternalText(t *testing.T) {
	for want, err := range map[string]error{
		"":             nil,
		"out_of_stock": saga.Refuse(&problem.Error{Code: "out_of_stock", Message: "secret"}),
		"timeout":      fmt.Errorf("call 10.0.0.1: %w", context.DeadlineExceeded),
		"internal":     errors.New("secret table"),
	} {
		trace, _ := saga.Run(t.Context(), time.Now, 1, []saga.Step{{Name: "A", Do: func(context.Context, []saga.StepAttempt) error { return err }}}) //nolint:forbidigo // likewise
		require.Equal(t, want, trace.Steps[0].Error)
	}
}

func TestSettle(t *testing.T) {
	b := newBench(t)
	r := b.undone(t)
	stuck, err := b.Settle(t.Context(), r.SagaID, 0, done(step.Delete))
	require.NoError(t, err)
	require.Equal(t, saga.Stuck, stuck.State)
	require.Equal(t, []string{step.Release}, stuck.Pending, "only what failed is owed")

	again, err := b.Settle(t.Context(), r.SagaID, 0, done(step.Delete))
	require.NoError(t, err, "settling twice gives the same end")
	require.Equal(t, saga.Stuck, again.State)

	redriven, err := b.Redrive(t.Context(), stuck)
	require.NoError(t, err)
	require.Equal(t, 1, redriven.Redrive)
	_, err = b.Settle(t.Context(), r.SagaID, 0, done(step.Delete, step.Release))
	require.ErrorIs(t, err, saga.ErrLost, "an execution from before the redrive has no say")
	ended, err := b.Settle(t.Context(), r.SagaID, 1, done(step.Release))
	require.NoError(t, err)
	require.Equal(t, saga.Compensated, ended.State)
	loaded, err := b.Load(t.Context(), r.SagaID)
	require.NoError(t, err)
	require.Equal(t, saga.Compensated, loaded.State)
	require.Equal(t, idempotency.Released, loaded.KeyState)
}

func TestSettleSurvivesLostWritesAndReplies(t *testing.T) {
	for _, applied := range []bool{false, true} {
		b := newBench(t)
		r := b.undone(t)
		b.db.Hook, _ = dynamotest.Nth(1, applied)
		_, err := b.Settle(t.Context(), r.SagaID, 0, done(step.Delete, step.Release))
		require.Equal(t, applied, err == nil, "a landed write is recognised, a lost one is reported")
		b.db.Hook = nil
		ended, err := b.Settle(t.Context(), r.SagaID, 0, done(step.Delete, step.Release))
		require.NoError(t, err)
		require.Equal(t, saga.Compensated, ended.State)
	}
}

func TestRedriveIsTakenOnce(t *testing.T) {
	b := newBench(t)
	r := b.undone(t)
	stuck, err := b.Settle(t.Context(), r.SagaID, 0, nil)
	require.NoError(t, err)
	_, err = b.Redrive(t.Context(), stuck)
	require.NoError(t, err)
	*b.clock = b.clock.Add(time.Millisecond) // in the same one it would be taken for its own lost reply
	_, err = b.Redrive(t.Context(), stuck)
	require.ErrorIs(t, err, saga.ErrLost)
}

func TestRedrivesWaitLongerEachTime(t *testing.T) {
	b := newBench(t)
	r := b.undone(t)
	for redrive, wait := range []time.Duration{0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600} {
		stuck, err := b.Settle(t.Context(), r.SagaID, redrive, nil)
		require.NoError(t, err)
		require.Equal(t, wait*time.Second, time.UnixMilli(stuck.Due).Sub(*b.clock), "redrive %d", redrive) //nolint:durationcheck // seconds
		r, err = b.Redrive(t.Context(), stuck)
		require.NoError(t, err)
	}
}

func TestAbandonWaitsForTheLease(t *testing.T) {
	b := newBench(t)
	o := b.begin(t)
	r, err := b.Abandon(t.Context(), o.Saga, []string{step.Release})
	require.NoError(t, err)
	require.Equal(t, saga.Begun, r.State, "its owner may still work")
	*b.clock = b.clock.Add(16 * time.Second)
	due, err := b.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, due, 1)
	r, err = b.Abandon(t.Context(), due[0], nil)
	require.NoError(t, err)
	require.Equal(t, saga.Aborted, r.State, "nothing can have been done")
	due, err = b.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, due)
}

// What recovery wrote is not taken for the slow owner's own write: it owes less, and
// the execution that it would start could not end the saga.
func TestSlowOwnerDoesNotUndoInTheNameOfRecovery(t *testing.T) {
	b := newBench(t)
	o := b.begin(t)
	*b.clock = b.clock.Add(16 * time.Second)
	_, err := b.Abandon(t.Context(), o.Saga, []string{step.Delete, step.Release})
	require.NoError(t, err)
	_, err = b.Compensate(t.Context(), o, saga.RunResult{Pending: []string{step.Release}}, "failed")
	require.ErrorIs(t, err, saga.ErrLost)
}

func TestAnEndedSagaCanBeLookedAtAfterItsKeyIsUsedAgain(t *testing.T) {
	b := newBench(t)
	first := b.begin(t)
	require.NoError(t, b.Abort(t.Context(), first, nil, "out_of_stock"))
	second := b.begin(t)
	require.NotEqual(t, first.Saga.SagaID, second.Saga.SagaID)
	r, err := b.Load(t.Context(), first.Saga.SagaID)
	require.NoError(t, err)
	require.Equal(t, saga.Aborted, r.State)
	require.Equal(t, "out_of_stock", r.Reason)
}

func TestLoadOfNothing(t *testing.T) {
	b := newBench(t)
	for _, id := range []string{"", "x", "aaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbb", "a-b-c"} {
		_, err := b.Load(t.Context(), id)
		require.ErrorIs(t, err, &problem.Error{Code: "saga_not_found"}, id)
	}
}

func ExampleRun() {
	clock := func() time.Time { return time.Unix(0, 0) }
	trace, err := saga.Run(context.Background(), clock, 1, []saga.Step{
		{Name: "Reserve", Undo: "Release", Do: func(context.Context, []saga.StepAttempt) error { return nil }},
		{Name: "Charge", Undo: "Refund", Do: func(context.Context, []saga.StepAttempt) error { return errors.New("no answer") }},
	})
	fmt.Println(trace.Pending, err)
	// Output: [Refund Release] no answer
}

// TestFormerLeaderMovesNothing: a leader of recovery that was frozen while another
// took over is refused, although the saga looks as it read it.
func TestFormerLeaderMovesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := b.begin(t)
	*b.clock = b.clock.Add(time.Minute)
	former, leader := b.WithFence(lock.Lease{Fence: 7}), b.WithFence(lock.Lease{Fence: 8})
	require.NoError(t, leader.Postpone(t.Context(), o.Saga, time.UnixMilli(o.Saga.Due)))
	_, err := former.Abandon(t.Context(), o.Saga, []string{step.Release})
	require.ErrorIs(t, err, saga.ErrLost)
	r, err := leader.Abandon(t.Context(), o.Saga, []string{step.Release})
	require.NoError(t, err)
	_, err = former.Redrive(t.Context(), r)
	require.ErrorIs(t, err, saga.ErrLost)
	_, err = leader.Redrive(t.Context(), r)
	require.NoError(t, err)
}

// TestBadRecordHidesNoOther: what cannot be read is told of, beside what can.
func TestBadRecordHidesNoOther(t *testing.T) {
	b := newBench(t)
	o := b.begin(t)
	for shard := range 4 {
		text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
		_, err := b.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &b.table, Item: dynamo.Item{
			"pk": text(fmt.Sprintf("SAGA#bad%d", shard)), "sk": text("CURRENT"), "due_shard": text(strconv.Itoa(shard)),
			"due": &types.AttributeValueMemberN{Value: "1"}, "steps": text("not a list"),
		}})
		require.NoError(t, err)
	}
	*b.clock = b.clock.Add(time.Minute)
	due, err := b.Due(t.Context(), 10)
	require.Error(t, err)
	require.Len(t, due, 1)
	require.Equal(t, o.Saga.SagaID, due[0].SagaID)
}

// TestEndsAreTold: each saga's end is told once, and being stuck each time.
func TestEndsAreTold(t *testing.T) {
	b := newBench(t)
	var told []string
	store := b.Telling(func(_ context.Context, outcome string) { told = append(told, outcome) })
	r := b.undone(t)
	for range 2 {
		_, err := store.Settle(t.Context(), r.SagaID, 0, done(step.Delete))
		require.NoError(t, err)
	}
	stuck, err := store.Load(t.Context(), r.SagaID)
	require.NoError(t, err)
	again, err := store.Redrive(t.Context(), stuck)
	require.NoError(t, err)
	for range 2 {
		_, err = store.Settle(t.Context(), r.SagaID, again.Redrive, done(step.Release))
		require.NoError(t, err)
	}
	o := b.begin(t)
	require.True(t, o.Fresh)
	require.NoError(t, store.Abort(t.Context(), o, nil, "refused"))
	require.Equal(t, []string{"stuck", "compensated", "aborted"}, told)
}

// TestCompletionIsToldOnce: of two deliveries of one event at once, by the one whose
// write it was; also when that one's reply was lost.
func TestCompletionIsToldOnce(t *testing.T) {
	published := func(at int64) saga.StepAttempt {
		return saga.StepAttempt{Name: step.Publish, Attempt: 1, StartedAt: at, Outcome: saga.OK}
	}
	for name, fault := range map[string]error{"one is behind": nil, "a reply is lost": dynamotest.ErrLost} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			told := 0
			store := b.Telling(func(context.Context, string) { told++ })
			id := b.committed(t)
			b.db.Hook = func(operation string) (bool, error) {
				if operation != "UpdateItem" {
					return true, nil
				}
				b.db.Hook = nil
				if fault == nil {
					require.NoError(t, store.Complete(t.Context(), id, published(1)))
				}
				return true, fault
			}
			require.NoError(t, store.Complete(t.Context(), id, published(2)))
			require.NoError(t, store.Complete(t.Context(), id, published(3)), "it has ended")
			require.Equal(t, 1, told)
		})
	}
}

// committed is the id of a saga that is to be audited and published.
func (b bench) committed(t *testing.T) string {
	t.Helper()
	o := b.begin(t)
	item, err := b.Commit(o, saga.CommitInput{InvoiceID: "i", Status: 201}, done(step.Create))
	require.NoError(t, err)
	_, err = b.db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{item}})
	require.NoError(t, err)
	return o.Saga.SagaID
}

// TestWhoOpenedASagaKnows: a retry that goes on with it did not.
func TestWhoOpenedASagaKnows(t *testing.T) {
	b := newBench(t)
	require.True(t, b.begin(t).Fresh)
	*b.clock = b.clock.Add(time.Minute)
	require.False(t, b.begin(t).Fresh)
}
