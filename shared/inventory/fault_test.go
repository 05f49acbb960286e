package inventory_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

// errConflict is what DynamoDB answers when two transactions meet on an item.
var errConflict = &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{
	{Code: aws.String("None")}, {Code: aws.String("TransactionConflict")},
}}

// errThrottled is what it answers when a table or partition has no capacity left.
var errThrottled = &types.ProvisionedThroughputExceededException{}

// fault is one call's fate.
type fault struct {
	name  string
	apply bool
	err   error
}

func faults() []fault {
	return []fault{
		{"the write is lost", false, errLost},
		{"the reply is lost", true, errLost},
		{"conflict", false, errConflict},
		{"throttled", false, errThrottled},
	}
}

// faultAt strikes the nth write, counted from zero.
func faultAt(strikes map[int]fault, writes *int) hook {
	return func(operation string) (bool, error) {
		if operation == "Query" {
			return true, nil
		}
		f := strikes[*writes]
		*writes++
		return f.apply, f.err
	}
}

// clean runs a scenario undisturbed and tells how many writes it makes.
func clean(t *testing.T, w warehouse, sc scenario) (answer string, picture []string, writes int) {
	t.Helper()
	sc.prepare(t, w)
	w.db.set(faultAt(nil, &writes))
	defer w.db.set(healthy)
	answer = sc.do(w)
	return answer, w.picture(t), writes
}

// A write that is lost, or whose reply is, changes neither the answer nor what is
// in the table; nor do two of them.
func TestAFaultAtEveryWrite(t *testing.T) {
	w := newWarehouse(t)
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			w := w.inChunksOf(sc.chunk)
			answer, picture, writes := clean(t, w, sc)
			for _, strikes := range singlesAndPairs(writes) {
				sc.prepare(t, w)
				n := 0
				w.db.set(faultAt(strikes, &n))
				got := sc.do(w)
				w.db.set(healthy)
				require.Equal(t, answer, got, "answer with %v", strikes)
				require.Equal(t, picture, w.picture(t), "table with %v", strikes)
			}
		})
	}
}

func singlesAndPairs(writes int) []map[int]fault {
	var all []map[int]fault
	for i := range writes {
		for _, f := range faults() {
			all = append(all, map[int]fault{i: f})
			for _, g := range faults()[:2] {
				all = append(all, map[int]fault{i: f, i + 1: g})
			}
		}
	}
	return all
}

// The process dies before or after a write; the call is made again, or the saga is
// compensated: either way it ends as if nothing had happened.
func TestACrashAtEveryWrite(t *testing.T) {
	w := newWarehouse(t)
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			w := w.inChunksOf(sc.chunk)
			answer, picture, writes := clean(t, w, sc)
			for n := range writes {
				for _, landed := range []bool{false, true} {
					crash := func(t *testing.T) {
						t.Helper()
						sc.prepare(t, w)
						w.crashAt(n, landed, sc.do)
					}
					what := fmt.Sprintf("write %d, landed: %t", n, landed)
					crash(t)
					require.Equal(t, answer, sc.do(w), "redelivered after %s", what)
					require.Equal(t, picture, w.picture(t), "redelivered after %s", what)
					crash(t)
					compensated(t, w, what)
				}
			}
		})
	}
}

// crashAt stops the call for good at its nth write.
func (w warehouse) crashAt(n int, landed bool, do func(warehouse) string) {
	writes, dead := 0, false
	w.db.set(func(operation string) (bool, error) {
		if dead {
			return false, errDead
		}
		if operation == "Query" {
			return true, nil
		}
		writes++
		dead = writes > n
		if dead {
			return landed, errDead
		}
		return true, nil
	})
	defer w.db.set(healthy)
	do(w)
}

// errDead fails a call at once: no attempt follows.
var errDead = &types.ResourceNotFoundException{}

// compensated releases the saga and checks that nothing of it is left, unless it
// was sold before.
func compensated(t *testing.T, w warehouse, what string) {
	t.Helper()
	answer := release(w)
	l := w.requireBalance(t, counted)
	if answer == "already_sold" {
		require.NoError(t, w.Confirm(ctx, "s"), what)
		require.NotContains(t, w.ledger(t).states["s"], "RESERVED", what)
		return
	}
	require.Contains(t, []string{"releaseddone", "nothing_to_releasedone"}, answer, what)
	require.Empty(t, l.reserved, what)
	require.Empty(t, l.sold, what)
	require.Contains(t, reserve(2, "A", "B")(w), "refused: ", "a Reserve that arrives when all is over, after %s", what)
}

func TestAttemptsAreBounded(t *testing.T) {
	storm := func(string) (bool, error) { return false, errConflict }
	t.Run("by their number", func(t *testing.T) {
		w := newWarehouse(t)
		w.stock(t, 10, "A")
		calls := 0
		w.db.set(func(string) (bool, error) { calls++; return false, errConflict })
		few := inventory.New(w.db, inventory.Config{Table: w.table, Attempts: 3}, func() time.Time { return noon })
		err := few.Reserve(t.Context(), order("s", 1, "A"))
		require.Equal(t, "stock_busy", code(err))
		require.Equal(t, 3, calls)
		var known *problem.Error
		require.ErrorAs(t, err, &known)
		require.Equal(t, problem.Unavailable, known.Kind)
	})
	t.Run("by the time left", func(t *testing.T) {
		w := newWarehouse(t)
		w.stock(t, 10, "A")
		w.db.set(storm)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := w.Reserve(ctx, order("s", 1, "A"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var refused *inventory.RefusedError
		require.NotErrorAs(t, err, &refused)
	})
}

// A caller waits for these calls.
func TestCalls(t *testing.T) {
	w := newWarehouse(t)
	w.stock(t, 10, "A", "B")
	for _, tc := range []struct {
		name  string
		do    func() error
		calls int
	}{
		{"reserve", func() error { return w.Reserve(t.Context(), order("s", 2, "A", "B")) }, 1},
		{"reserve again", func() error { return w.Reserve(t.Context(), order("s", 2, "A", "B")) }, 1},
		{"confirm", func() error { return w.Confirm(t.Context(), "s") }, 2},
		{"confirm again", func() error { return w.Confirm(t.Context(), "s") }, 1},
		{"refuse", func() error { _ = w.Reserve(t.Context(), order("r", 99, "A")); return nil }, 2},
		{"refuse again", func() error { _ = w.Reserve(t.Context(), order("r", 99, "A")); return nil }, 1},
	} {
		calls := 0
		w.db.set(func(string) (bool, error) { calls++; return true, nil })
		require.NoError(t, tc.do(), tc.name)
		require.Equal(t, tc.calls, calls, tc.name)
	}
}
