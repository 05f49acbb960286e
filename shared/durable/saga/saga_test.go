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

// fixture is a store on DynamoDB Local with a clock that tests move and faults that tests
// inject. ended holds the outcomes that OnEnd was called with.
type fixture struct {
	*saga.Store
	db    *dynamotest.Faults
	table string
	clock time.Time
	ended []string
}

func setup(t *testing.T) *fixture {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	f := &fixture{
		db:    db,
		table: dynamotest.Tables(t, db.Client).Platform,
		clock: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	f.Store = saga.Open(db, saga.Config{
		Table: f.table, Release: "1a2b3c4",
		OnEnd: func(_ context.Context, outcome string) { f.ended = append(f.ended, outcome) },
	}, func() time.Time { return f.clock })
	return f
}

func (f *fixture) begin(t *testing.T) saga.BeginResult {
	t.Helper()
	key := idempotency.Key{Scope: "m", ID: "00000000-0000-4000-8000-000000000001"}
	o, err := f.Begin(t.Context(), key, "f", saga.BeginInput{MerchantID: "m", Reserves: true}, idempotency.WaitLimits{})
	require.NoError(t, err)
	require.Equal(t, idempotency.Acquired, o.Status)
	return o
}

func (f *fixture) compensating(t *testing.T) saga.Record {
	t.Helper()
	r, err := f.Compensate(t.Context(), f.begin(t), saga.RunResult{Pending: []string{step.Delete, step.Release}}, "failed")
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

// TestASagaKeepsTheReleaseThatBeganIt: also when an instance of another one undoes it.
func TestASagaKeepsTheReleaseThatBeganIt(t *testing.T) {
	t.Parallel()
	f := setup(t)
	begun := f.begin(t)
	require.Equal(t, "1a2b3c4", begun.Saga.Release)
	next := saga.Open(f.db, saga.Config{Table: f.table, Release: "2b3c4d5"}, func() time.Time { return f.clock })
	_, err := next.Compensate(t.Context(), begun, saga.RunResult{}, "failed")
	require.NoError(t, err)
	undone, err := next.Load(t.Context(), begun.Saga.SagaID)
	require.NoError(t, err)
	require.Equal(t, saga.Compensating, undone.State)
	require.Equal(t, "1a2b3c4", undone.Release)
}

func TestRunOwesWhatMayHaveHappenedLastFirst(t *testing.T) {
	t.Parallel()
	fail := errors.New("no answer")
	steps := func(a, b, c error) []saga.Step {
		do := func(err error) func(context.Context, []saga.StepAttempt) error {
			return func(context.Context, []saga.StepAttempt) error { return err }
		}
		return []saga.Step{
			{Name: "A", Undo: "undo A", Do: do(a)},
			{Name: "B", Do: do(b)},
			{Name: "C", Undo: "undo C", Do: do(c)},
		}
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
			t.Parallel()
			run, err := saga.Run(t.Context(), time.Now, 1, steps(tc.a, tc.b, tc.c)) //nolint:forbidigo // times are not looked at
			require.Equal(t, tc.pending, run.Pending)
			require.Len(t, run.Steps, tc.steps)
			require.Equal(t, errors.Join(tc.a, tc.b, tc.c) != nil, err != nil)
		})
	}
}

func TestTimelineHasCodesNotInternalText(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"":             nil,
		"out_of_stock": saga.Refuse(&problem.Error{Code: "out_of_stock", Message: "secret"}),
		"timeout":      fmt.Errorf("call 10.0.0.1: %w", context.DeadlineExceeded),
		"internal":     errors.New("secret table"),
	} {
		steps := []saga.Step{{Name: "A", Do: func(context.Context, []saga.StepAttempt) error { return err }}}
		run, _ := saga.Run(t.Context(), time.Now, 1, steps) //nolint:forbidigo // times are not looked at
		require.Equal(t, want, run.Steps[0].Error)
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.compensating(t)
	stuck, err := f.Settle(t.Context(), r.SagaID, 0, done(step.Delete))
	require.NoError(t, err)
	require.Equal(t, saga.Stuck, stuck.State)
	require.Equal(t, []string{step.Release}, stuck.Pending, "only what failed is owed")

	again, err := f.Settle(t.Context(), r.SagaID, 0, done(step.Delete))
	require.NoError(t, err, "settling twice gives the same end")
	require.Equal(t, saga.Stuck, again.State)

	redriven, err := f.Redrive(t.Context(), stuck)
	require.NoError(t, err)
	require.Equal(t, 1, redriven.Redrive)
	_, err = f.Settle(t.Context(), r.SagaID, 0, done(step.Delete, step.Release))
	require.ErrorIs(t, err, saga.ErrLost, "an execution from before the redrive changes nothing")
	ended, err := f.Settle(t.Context(), r.SagaID, 1, done(step.Release))
	require.NoError(t, err)
	require.Equal(t, saga.Compensated, ended.State)
	loaded, err := f.Load(t.Context(), r.SagaID)
	require.NoError(t, err)
	require.Equal(t, saga.Compensated, loaded.State)
	require.Equal(t, idempotency.Released, loaded.KeyState)
}

// TestATimelineIsBounded: a saga that is redriven for months keeps its first steps and the latest.
func TestATimelineIsBounded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.compensating(t)
	for redrive := range 70 {
		failed := saga.StepAttempt{Name: step.Release, Attempt: redrive + 1, Outcome: saga.Failed}
		stuck, err := f.Settle(t.Context(), r.SagaID, redrive, []saga.StepAttempt{failed})
		require.NoError(t, err)
		_, err = f.Redrive(t.Context(), stuck)
		require.NoError(t, err)
	}
	now, err := f.Load(t.Context(), r.SagaID)
	require.NoError(t, err)
	require.Len(t, now.Steps, 50)
	require.Equal(t, 1, now.Steps[len(r.Steps)].Attempt)
	require.Equal(t, []int{69, 70}, []int{now.Steps[48].Attempt, now.Steps[49].Attempt})
}

func TestSettleSurvivesLostWritesAndReplies(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{false, true} {
		f := setup(t)
		r := f.compensating(t)
		f.db.Hook, _ = dynamotest.Nth(1, applied)
		_, err := f.Settle(t.Context(), r.SagaID, 0, done(step.Delete, step.Release))
		require.Equal(t, applied, err == nil, "a landed write is recognised, a lost one is reported")
		f.db.Hook = nil
		ended, err := f.Settle(t.Context(), r.SagaID, 0, done(step.Delete, step.Release))
		require.NoError(t, err)
		require.Equal(t, saga.Compensated, ended.State)
	}
}

func TestRedriveIsTakenOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.compensating(t)
	stuck, err := f.Settle(t.Context(), r.SagaID, 0, nil)
	require.NoError(t, err)
	_, err = f.Redrive(t.Context(), stuck)
	require.NoError(t, err)
	f.clock = f.clock.Add(time.Millisecond) // within the same one it would look like its own lost reply
	_, err = f.Redrive(t.Context(), stuck)
	require.ErrorIs(t, err, saga.ErrLost)
}

func TestRedrivesWaitLongerEachTime(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.compensating(t)
	for redrive, wait := range []time.Duration{0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600} {
		stuck, err := f.Settle(t.Context(), r.SagaID, redrive, nil)
		require.NoError(t, err)
		due := time.UnixMilli(stuck.Due)
		require.Equal(t, wait*time.Second, due.Sub(f.clock), "redrive %d", redrive) //nolint:durationcheck // seconds
		r, err = f.Redrive(t.Context(), stuck)
		require.NoError(t, err)
	}
}

func TestAbandonWaitsForTheLease(t *testing.T) {
	t.Parallel()
	f := setup(t)
	o := f.begin(t)
	r, err := f.Abandon(t.Context(), o.Saga, []string{step.Release})
	require.NoError(t, err)
	require.Equal(t, saga.Begun, r.State, "its owner may still work")
	f.clock = f.clock.Add(16 * time.Second)
	due, err := f.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, due, 1)
	r, err = f.Abandon(t.Context(), due[0], nil)
	require.NoError(t, err)
	require.Equal(t, saga.Aborted, r.State, "nothing can have been done")
	due, err = f.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, due)
}

// A slow owner does not mistake recovery's write for its own: it owes less, and the
// execution that it would start could not end the saga.
func TestSlowOwnerDoesNotCompensateForRecovery(t *testing.T) {
	t.Parallel()
	f := setup(t)
	o := f.begin(t)
	f.clock = f.clock.Add(16 * time.Second)
	_, err := f.Abandon(t.Context(), o.Saga, []string{step.Delete, step.Release})
	require.NoError(t, err)
	_, err = f.Compensate(t.Context(), o, saga.RunResult{Pending: []string{step.Release}}, "failed")
	require.ErrorIs(t, err, saga.ErrLost)
}

// TestAFormerOwnersAbortIsRefused although the saga was aborted by its new owner: an invoice may
// have been issued under the key since, and is then its answer.
func TestAFormerOwnersAbortIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	former := f.begin(t)
	f.clock = f.clock.Add(16 * time.Second)
	owner := f.begin(t)
	require.Equal(t, former.Saga.SagaID, owner.Saga.SagaID)
	require.NoError(t, f.Abort(t.Context(), owner, nil, "out_of_stock"))
	require.ErrorIs(t, f.Abort(t.Context(), former, nil, "out_of_stock"), saga.ErrLost)
	require.Equal(t, []string{"aborted"}, f.ended)
}

func TestAnEndedSagaCanBeReadAfterItsKeyIsUsedAgain(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.begin(t)
	require.NoError(t, f.Abort(t.Context(), first, nil, "out_of_stock"))
	second := f.begin(t)
	require.NotEqual(t, first.Saga.SagaID, second.Saga.SagaID)
	r, err := f.Load(t.Context(), first.Saga.SagaID)
	require.NoError(t, err)
	require.Equal(t, saga.Aborted, r.State)
	require.Equal(t, "out_of_stock", r.Reason)
}

func TestSagasOfAKey(t *testing.T) {
	t.Parallel()
	f := setup(t)
	key := idempotency.Key{Scope: "m", ID: "00000000-0000-4000-8000-000000000001"}
	found, err := f.OfKey(t.Context(), key, 100)
	require.NoError(t, err)
	require.Empty(t, found)
	var want []string
	for range 3 {
		begun := f.begin(t)
		want = append([]string{begun.Saga.SagaID}, want...)
		require.NoError(t, f.Abort(t.Context(), begun, nil, "out_of_stock"))
		f.clock = f.clock.Add(time.Minute)
	}
	want = append([]string{f.begin(t).Saga.SagaID}, want...)
	found, err = f.OfKey(t.Context(), key, 100)
	require.NoError(t, err)
	var got []string
	for _, r := range found {
		got = append(got, r.SagaID)
	}
	require.Equal(t, want, got, "newest first, each once")
	require.Equal(t, []saga.State{saga.Begun, saga.Aborted}, []saga.State{found[0].State, found[1].State})
	key.Scope = "another merchant"
	found, err = f.OfKey(t.Context(), key, 100)
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestLoadOfNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, id := range []string{"", "x", "aaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbb", "a-b-c"} {
		_, err := f.Load(t.Context(), id)
		require.ErrorIs(t, err, &problem.Error{Code: "saga_not_found"}, id)
	}
}

func ExampleRun() {
	clock := func() time.Time { return time.Unix(0, 0) }
	run, err := saga.Run(context.Background(), clock, 1, []saga.Step{
		{Name: "Reserve", Undo: "Release", Do: func(context.Context, []saga.StepAttempt) error { return nil }},
		{
			Name: "Charge",
			Undo: "Refund",
			Do:   func(context.Context, []saga.StepAttempt) error { return errors.New("no answer") },
		},
	})
	fmt.Println(run.Pending, err)
	// Output: [Refund Release] no answer
}

// TestFormerLeaderMovesNothing: a leader of recovery that was frozen while another
// took over is refused, although the saga looks as it read it.
func TestFormerLeaderMovesNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	o := f.begin(t)
	f.clock = f.clock.Add(time.Minute)
	former, leader := f.WithFence(lock.Lease{Fence: 7}), f.WithFence(lock.Lease{Fence: 8})
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

// TestBadRecordHidesNoOther: a record that cannot be decoded is an error, and the others are
// returned with it.
func TestBadRecordHidesNoOther(t *testing.T) {
	t.Parallel()
	f := setup(t)
	o := f.begin(t)
	for shard := range 4 {
		_, err := f.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &f.table, Item: dynamo.Item{
			"pk": dynamo.S(fmt.Sprintf("SAGA#bad%d", shard)), "sk": dynamo.S("CURRENT"),
			"due_shard": dynamo.S(strconv.Itoa(shard)), "due": dynamo.N(1), "steps": dynamo.S("not a list"),
		}})
		require.NoError(t, err)
	}
	f.clock = f.clock.Add(time.Minute)
	due, err := f.Due(t.Context(), 10)
	require.Error(t, err)
	require.Len(t, due, 1)
	require.Equal(t, o.Saga.SagaID, due[0].SagaID)
}

// TestEndsAreNotified: each end once, and STUCK each time.
func TestEndsAreNotified(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.compensating(t)
	for range 2 {
		_, err := f.Settle(t.Context(), r.SagaID, 0, done(step.Delete))
		require.NoError(t, err)
	}
	stuck, err := f.Load(t.Context(), r.SagaID)
	require.NoError(t, err)
	again, err := f.Redrive(t.Context(), stuck)
	require.NoError(t, err)
	for range 2 {
		_, err = f.Settle(t.Context(), r.SagaID, again.Redrive, done(step.Release))
		require.NoError(t, err)
	}
	b := f.begin(t)
	require.True(t, b.Fresh)
	require.NoError(t, f.Abort(t.Context(), b, nil, "refused"))
	require.Equal(t, []string{"stuck", "compensated", "aborted"}, f.ended)
}

// TestCompletionIsNotifiedOnce: of two concurrent deliveries of one event, by the one
// whose write succeeded, also when its reply was lost.
func TestCompletionIsNotifiedOnce(t *testing.T) {
	t.Parallel()
	published := func(at int64) saga.StepAttempt {
		return saga.StepAttempt{Name: step.Publish, Attempt: 1, StartedAt: at, Outcome: saga.OK}
	}
	for name, fault := range map[string]error{"one is behind": nil, "a reply is lost": dynamotest.ErrLost} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			id := f.committed(t)
			f.db.Hook = func(operation string) (bool, error) {
				if operation != "UpdateItem" {
					return true, nil
				}
				f.db.Hook = nil
				if fault == nil {
					require.NoError(t, f.Complete(t.Context(), id, published(1)))
				}
				return true, fault
			}
			require.NoError(t, f.Complete(t.Context(), id, published(2)))
			require.NoError(t, f.Complete(t.Context(), id, published(3)), "it has ended")
			require.Equal(t, []string{"completed"}, f.ended)
		})
	}
}

// committed is the id of a saga that is to be audited and published.
func (f *fixture) committed(t *testing.T) string {
	t.Helper()
	o := f.begin(t)
	item, err := f.Commit(o, saga.CommitInput{InvoiceID: "i", Status: 201}, done(step.Create))
	require.NoError(t, err)
	_, err = f.db.TransactWriteItems(
		t.Context(),
		&dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{item}},
	)
	require.NoError(t, err)
	return o.Saga.SagaID
}

// TestWhoOpenedASagaKnows: a retry that goes on with it did not.
func TestWhoOpenedASagaKnows(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.True(t, f.begin(t).Fresh)
	f.clock = f.clock.Add(time.Minute)
	require.False(t, f.begin(t).Fresh)
}
