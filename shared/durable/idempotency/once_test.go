package idempotency_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// work counts its runs.
type work struct {
	mu   sync.Mutex
	runs int
	err  error
	body string
}

func (w *work) do(context.Context) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runs++
	return []byte(w.body), w.err
}

func (b bench) once(t *testing.T, do func(context.Context) ([]byte, error)) (string, bool, error) {
	t.Helper()
	answer, replayed, err := b.Once(t.Context(), b.key, print, 0, do)
	return string(answer), replayed, err
}

func TestOnce(t *testing.T) {
	b := newBench(t)
	w := &work{body: "done"}
	answer, replayed, err := b.once(t, w.do)
	require.NoError(t, err)
	require.False(t, replayed)
	require.Equal(t, "done", answer)
	b.db.Forget()
	answer, replayed, err = b.once(t, w.do)
	require.NoError(t, err)
	require.True(t, replayed)
	require.Equal(t, "done", answer)
	require.Len(t, b.db.Calls(), 1)
	require.Equal(t, 1, w.runs)
	_, _, err = b.Once(t.Context(), b.key, "other", 0, w.do)
	require.ErrorIs(t, err, idempotency.ErrMismatch)
}

func TestOnceMayTryAgainAfterAFailure(t *testing.T) {
	b := newBench(t)
	no := errors.New("no")
	w := &work{err: no}
	_, _, err := b.once(t, w.do)
	require.ErrorIs(t, err, no)
	w.err = nil
	_, replayed, err := b.once(t, w.do)
	require.NoError(t, err)
	require.False(t, replayed)
	require.Equal(t, 2, w.runs)
	huge := make([]byte, 1<<20)
	_, _ = rand.Read(huge)
	b.key.ID = strings.Replace(b.key.ID, "1", "2", 1)
	_, _, err = b.once(t, (&work{body: string(huge)}).do)
	require.ErrorIs(t, err, idempotency.ErrTooLarge)
}

// TestOnceOfALateRun: a run that outlasts its lease neither overwrites the answer of
// the run that took over, nor frees its key.
func TestOnceOfALateRun(t *testing.T) {
	for name, late := range map[string]error{"writes late": nil, "fails late": errors.New("late")} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			_, _, err := b.once(t, func(context.Context) ([]byte, error) {
				b.later(time.Minute)
				answer, _, err := b.once(t, (&work{body: "newer"}).do)
				require.NoError(t, err)
				require.Equal(t, "newer", answer)
				return []byte("older"), late
			})
			require.Error(t, err)
			if late == nil {
				require.ErrorIs(t, err, idempotency.ErrLost)
			}
			answer, replayed, err := b.once(t, (&work{body: "third"}).do)
			require.NoError(t, err)
			require.True(t, replayed)
			require.Equal(t, "newer", answer)
		})
	}
}

func TestOnceSettlesLostWritesAndReplies(t *testing.T) {
	for n := 1; n <= 2; n++ {
		b := newBench(t)
		var done func() bool
		b.db.Hook, done = dynamotest.Nth(n, true)
		w := &work{body: "done"}
		answer, _, err := b.once(t, w.do)
		require.NoError(t, err)
		require.True(t, done())
		require.Equal(t, "done", answer)
		require.Equal(t, 1, w.runs)
	}
}

func TestOnceSharesTheAnswerOfARunThatIsOn(t *testing.T) {
	b := newBench(t)
	store := idempotency.New(b.db, idempotency.Config{Table: b.table}, b.real())
	w := &work{body: "done"}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			answer, _, err := store.Once(t.Context(), b.key, print, 10*time.Second, w.do)
			if err != nil || string(answer) != "done" {
				t.Error(err, string(answer))
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, w.runs)
}

// real is the real clock, for waits.
func (b bench) real() func() time.Time { return time.Now } //nolint:forbidigo // see above

func TestCachedReplayCostsNoCall(t *testing.T) {
	b := newBench(t)
	store := idempotency.New(b.db, idempotency.Config{Table: b.table, Cache: 8 << 10}, func() time.Time { return *b.clock })
	once := func(id string, do func(context.Context) ([]byte, error)) bool {
		_, replayed, err := store.Once(t.Context(), idempotency.Key{Scope: "m", ID: id}, print, 0, do)
		require.NoError(t, err)
		return replayed
	}
	w := &work{body: "done"}
	require.False(t, once("a", w.do))
	require.True(t, once("a", w.do), "this one is kept")
	b.db.Forget()
	require.True(t, once("a", w.do))
	require.Empty(t, b.db.Calls())
	_, _, err := store.Once(t.Context(), idempotency.Key{Scope: "m", ID: "a"}, "other", 0, w.do)
	require.ErrorIs(t, err, idempotency.ErrMismatch)

	for _, id := range []string{"b", "c", "d", "e"} {
		once(id, w.do)
		require.True(t, once(id, w.do))
	}
	b.db.Forget()
	require.True(t, once("a", w.do))
	require.NotEmpty(t, b.db.Calls(), "the least recently used one made room")
	b.later(25 * time.Hour)
	require.False(t, once("a", w.do), "an expired answer is not replayed")
}
