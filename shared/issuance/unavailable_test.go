package issuance_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/saga"
)

func TestInventoryUnavailable(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.reserve = func(context.Context, func() error) error { return errors.New("connection refused") }
	_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, "temporarily_unavailable", codeOf(err))
	require.Equal(t, saga.Compensated, f.state(t, sagaOf(err)))
	f.services.reserve = nil
	_, err = f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err)
}

// TestOpenBreakerRefusesAtOnce: after ten failed calls to the inventory the next request is
// refused without a call, and leaves nothing to compensate. After half a minute one
// request finds the inventory available.
func TestOpenBreakerRefusesAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	calls := 0
	f.services.reserve = func(context.Context, func() error) error { calls++; return errors.New("connection refused") }
	open := func(n int) bool {
		_, err := f.issue(t.Context(), key(n), request(t, fmt.Sprintf("A-%d", n), "SKU", 1))
		return codeOf(err) == "inventory_unavailable"
	}
	n := 20
	for ; !open(n); n++ {
		require.Less(t, n, 40, "ten open it, or a few more across the edge of a window")
	}
	f.advance(time.Second)
	before := calls
	f.db.Forget()
	_, err := f.issue(t.Context(), key(10), request(t, "A-10", "SKU", 1))
	require.Equal(t, "inventory_unavailable", codeOf(err))
	require.Equal(t, before, calls)
	require.Empty(t, sagaOf(err))
	require.Equal(t, []string{"GetItem"}, f.db.Calls(), "nothing is written")
	_, err = f.issue(t.Context(), key(11), request(t, "A-11", "", 1))
	require.NoError(t, err, "an invoice without a SKU needs no inventory")

	f.services.reserve = nil
	f.advance(30 * time.Second)
	_, err = f.issue(t.Context(), key(10), request(t, "A-10", "SKU", 1))
	require.NoError(t, err)
}

// TestOwnTimeoutIsNotTheInventorysFault: a request whose own time runs out while it waits
// does not count against the inventory.
func TestOwnTimeoutIsNotTheInventorysFault(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.services.reserve = func(context.Context, func() error) error { cancel(); return ctx.Err() }
	_, err := f.issue(ctx, key(1), request(t, "A-1", "SKU", 1))
	require.Error(t, err)
	s, err := breaker.New(f.db, breaker.Config{Table: f.tables.Platform, Name: "inventory"}, f.now).Read(t.Context())
	require.NoError(t, err)
	require.Zero(t, s.Failures)
}

// TestOpenBreakerDoesNotForgetWhatACrashReserved: the retry of a crashed run meets an open
// breaker. It sends nothing, but the stock that the first run reserved is released.
func TestOpenBreakerDoesNotForgetWhatACrashReserved(t *testing.T) {
	t.Parallel()
	f := setup(t)
	crashed := f.begunAndReserved(t)
	f.advance(16 * time.Second) // its lease has expired
	f.services.reserve = func(context.Context, func() error) error { return errors.New("connection refused") }
	for n := range 20 { // enough within either of two windows
		_, err := f.issue(t.Context(), key(10+n), request(t, fmt.Sprintf("B-%d", n), "SKU", 1))
		require.Error(t, err)
	}
	f.advance(time.Second)
	_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, "inventory_unavailable", codeOf(err))
	require.Equal(t, crashed, sagaOf(err))
	require.Equal(t, saga.Compensated, f.state(t, crashed))
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
}

// open opens the inventory's breaker as another instance does, and lets this one see it.
func (f *fixture) open(t *testing.T) {
	t.Helper()
	other := breaker.New(f.db.Client, breaker.Config{Table: f.tables.Platform, Name: "inventory"}, f.now)
	_, err := other.Force(t.Context(), breaker.Open, "asha", "a test")
	require.NoError(t, err)
	f.advance(time.Second)
	_ = f.issuer.Breaker.State(t.Context())
}

// TestAnOpenBreakerKeepsAnswers: a key that has an answer gets it, and an accepted request that no run
// has started is refused without a claim too.
func TestAnOpenBreakerKeepsAnswers(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	_, err = f.accept(t.Context(), key(2), request(t, "A-2", "SKU", 1), nil)
	require.NoError(t, err)
	f.open(t)
	again, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	require.True(t, again.Replayed)
	_, err = f.issue(t.Context(), key(1), request(t, "A-3", "SKU", 1))
	require.Equal(t, "idempotency_key_reused", codeOf(err))
	f.db.Forget()
	_, err = f.issue(t.Context(), key(2), request(t, "A-2", "SKU", 1))
	require.Equal(t, "inventory_unavailable", codeOf(err))
	require.Equal(t, []string{"GetItem"}, f.db.Calls())
}

// TestAnInstanceLearnsOfAnOpenBreakerByOneClaim: until then it reads the breaker concurrently with claims.
func TestAnInstanceLearnsOfAnOpenBreakerByOneClaim(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.open(t)
	f.connect(f.db.Client) // an instance that has not read it
	for n, calls := range [][]string{{"PutItem", "TransactWriteItems"}, {"GetItem"}} {
		f.db.Forget()
		_, err := f.issue(t.Context(), key(n), request(t, fmt.Sprintf("A-%d", n), "SKU", 1))
		require.Equal(t, "inventory_unavailable", codeOf(err))
		require.Equal(t, calls, f.db.Calls())
	}
}
