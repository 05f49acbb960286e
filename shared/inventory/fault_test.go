package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

// expectation is how a scenario ends without a fault.
type expectation struct {
	result   string
	snapshot []string
	writes   int
}

func (sc scenario) run(t *testing.T, f fixture) (e expectation) {
	t.Helper()
	sc.prepare(t, f)
	f.db.set(faultAt(nil, &e.writes))
	e.result = sc.call(f)
	f.db.set(healthy)
	e.snapshot = f.snapshot(t)
	return e
}

// A write that is lost, or whose reply is lost, changes neither the result nor the table; nor
// do two of them in a row.
func TestAFaultAtEveryWrite(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			f := setup(t).withChunkSize(sc.chunk)
			want := sc.run(t, f)
			for _, injected := range singlesAndPairs(want.writes) {
				sc.prepare(t, f)
				writes := 0
				f.db.set(faultAt(injected, &writes))
				got := sc.call(f)
				f.db.set(healthy)
				require.Equal(t, want.result, got, "result with %v", injected)
				require.Equal(t, want.snapshot, f.snapshot(t), "table with %v", injected)
			}
		})
	}
}

// singlesAndPairs returns every fault at every write, alone and with a lost write or a lost
// reply right after it.
func singlesAndPairs(writes int) []map[int]fault {
	var all []map[int]fault
	for i := range writes {
		for _, first := range faults() {
			all = append(all, map[int]fault{i: first})
			for _, second := range faults()[:2] {
				all = append(all, map[int]fault{i: first, i + 1: second})
			}
		}
	}
	return all
}

// The process crashes before or after a write. Then the call is repeated, or the saga is
// compensated: either way it ends as if nothing had happened.
func TestACrashAtEveryWrite(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios() {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			f := setup(t).withChunkSize(sc.chunk)
			want := sc.run(t, f)
			for n := range want.writes {
				for _, landed := range []bool{false, true} {
					what := fmt.Sprintf("write %d, landed: %t", n, landed)
					sc.prepare(t, f)
					f.crashAt(n, landed, sc.call)
					require.Equal(t, want.result, sc.call(f), "repeated after %s", what)
					require.Equal(t, want.snapshot, f.snapshot(t), "repeated after %s", what)
					sc.prepare(t, f)
					f.crashAt(n, landed, sc.call)
					f.requireCompensated(t, what)
				}
			}
		})
	}
}

// requireCompensated releases the saga and checks that nothing of it is left, unless it was
// confirmed before.
func (f fixture) requireCompensated(t *testing.T, what string) {
	t.Helper()
	result := release(f)
	l := f.requireBalance(t, counted())
	if result == "already_sold" || result == "already_returned" {
		require.NoError(t, f.Confirm(ctx, "s"), what)
		require.NotContains(t, f.ledger(t).states["s"], "RESERVED", what)
		return
	}
	require.Contains(t, []string{released, nothingToRelease}, result, what)
	require.NotContains(t, l.states["s"], "RESERVED", what)
	require.NotContains(t, l.states["s"], "SOLD", what)
	require.NotContains(t, l.states["s"], "RETURNED", what)
	require.Contains(t, reserve(2, "A", "B")(f), "refused: ", "a Reserve that arrives late, after %s", what)
}

func TestAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	t.Run("by their number", func(t *testing.T) {
		t.Parallel()
		f := setup(t)
		f.stock(t, 10, "A")
		calls := 0
		f.db.set(func(string) (bool, error) { calls++; return false, errConflict })
		few := inventory.New(f.db, inventory.Config{Table: f.table, Attempts: 3}, noon)
		err := few.Reserve(t.Context(), order("s", 1, "A"))
		require.Equal(t, "stock_busy", code(err))
		_, refused := errors.AsType[*inventory.RefusedError](err)
		require.False(t, refused, "the refusal met writes too")
		require.Equal(t, 3+3, calls, "the reservation, and its refusal")
		require.Equal(t, problem.Unavailable, problem.KindOf(err))
	})
	t.Run("by the time left", func(t *testing.T) {
		t.Parallel()
		f := setup(t)
		f.stock(t, 10, "A")
		f.db.set(func(string) (bool, error) { return false, errConflict })
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := f.Reserve(ctx, order("s", 1, "A"))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		_, refused := errors.AsType[*inventory.RefusedError](err)
		require.False(t, refused)
	})
}

// A caller waits for these calls, so their number is part of the contract.
func TestCalls(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A", "B")
	refused := func() error {
		if err := f.Reserve(t.Context(), order("r", 99, "A")); code(err) != "out_of_stock" {
			return fmt.Errorf("not refused: %w", err)
		}
		return nil
	}
	for _, tc := range []struct {
		name  string
		call  func() error
		calls int
	}{
		{"reserve", func() error { return f.Reserve(t.Context(), order("s", 2, "A", "B")) }, 1},
		{"reserve again", func() error { return f.Reserve(t.Context(), order("s", 2, "A", "B")) }, 1},
		{"confirm", func() error { return f.Confirm(t.Context(), "s") }, 2},
		{"confirm again", func() error { return f.Confirm(t.Context(), "s") }, 1},
		{"refuse", refused, 2},
		{"refuse again", refused, 1},
	} {
		calls := 0
		f.db.set(func(string) (bool, error) { calls++; return true, nil })
		require.NoError(t, tc.call(), tc.name)
		require.Equal(t, tc.calls, calls, tc.name)
	}
}

// TestABusyItemIsARefusal: a reservation whose stock items others hold all the time leaves nothing behind,
// also if its message comes again. Another saga succeeds afterwards.
func TestABusyItemIsARefusal(t *testing.T) {
	t.Parallel()
	for name, chunk := range map[string]int{"in one transaction": 98, "in its second transaction": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			f.stock(t, 10, "A", "B")
			writes, blocked := 0, 3
			f.db.set(func(string) (bool, error) {
				if writes++; writes > map[int]int{98: 0, 1: 1}[chunk] && blocked > 0 {
					blocked--
					return false, errConflict
				}
				return true, nil
			})
			few := f
			few.Store = inventory.New(f.db, inventory.Config{Table: f.table, Attempts: 3}, noon).WithChunkSize(chunk)
			for range 2 {
				err := few.Reserve(t.Context(), order("s", 1, "A", "B"))
				var refused *inventory.RefusedError
				require.ErrorAs(t, err, &refused)
				require.Equal(t, inventory.StockBusy, refused.Code)
				require.Equal(t, problem.Unavailable, problem.KindOf(refused.Unwrap()))
			}
			require.Empty(t, f.ledger(t).reserved)
			require.NoError(t, few.Reserve(t.Context(), order("another", 1, "A", "B")))
		})
	}
}

// TestADoubtfulWriteIsNoRefusal: of the attempts, one may have landed.
func TestADoubtfulWriteIsNoRefusal(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	writes := 0
	f.db.set(func(string) (bool, error) {
		if writes++; writes == 1 {
			return false, errLost
		}
		return false, errConflict
	})
	few := inventory.New(f.db, inventory.Config{Table: f.table, Attempts: 3}, noon)
	err := few.Reserve(t.Context(), order("s", 1, "A"))
	_, refused := errors.AsType[*inventory.RefusedError](err)
	require.False(t, refused)
	require.Equal(t, "stock_busy", code(err))
}

// TestPatienceEndsBeforeTheCall: the reservation waits for busy items only for a part of its time.
func TestPatienceEndsBeforeTheCall(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.stock(t, 10, "A")
	f.db.set(func(string) (bool, error) { return false, errConflict })
	patient := inventory.New(f.db, inventory.Config{Table: f.table, Patience: 100 * time.Millisecond}, noon)
	time.AfterFunc(200*time.Millisecond, func() { f.db.set(healthy) })
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	err := patient.Reserve(ctx, order("s", 1, "A"))
	var refused *inventory.RefusedError
	require.ErrorAs(t, err, &refused, "the refusal waits for longer")
	require.Equal(t, inventory.StockBusy, refused.Code)
}
