package idempotency_test

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// work counts how often it runs.
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

func TestOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	w := &work{body: "done"}
	answer, replayed, err := f.once(t, w.do)
	require.NoError(t, err)
	require.False(t, replayed)
	require.Equal(t, "done", answer)
	f.db.Forget()
	answer, replayed, err = f.once(t, w.do)
	require.NoError(t, err)
	require.True(t, replayed)
	require.Equal(t, "done", answer)
	require.Len(t, f.db.Calls(), 1)
	require.Equal(t, 1, w.runs)
	_, _, err = f.Once(t.Context(), f.key, "other", 0, w.do)
	require.ErrorIs(t, err, idempotency.ErrMismatch)
}

func TestOnceRunsAgainAfterAFailure(t *testing.T) {
	t.Parallel()
	f := setup(t)
	failure := errors.New("failure")
	w := &work{err: failure}
	_, _, err := f.once(t, w.do)
	require.ErrorIs(t, err, failure)
	w.err = nil
	_, replayed, err := f.once(t, w.do)
	require.NoError(t, err)
	require.False(t, replayed)
	require.Equal(t, 2, w.runs)
}

// TestOnceRunsOnceWhenTheAnswerIsTooLarge: the work was done, so a redelivery must not repeat
// it only because its answer cannot be stored.
func TestOnceRunsOnceWhenTheAnswerIsTooLarge(t *testing.T) {
	t.Parallel()
	f := setup(t)
	huge := make([]byte, 1<<20)
	_, _ = rand.Read(huge)
	w := &work{body: string(huge)}
	for delivery := range 3 {
		answer, replayed, err := f.once(t, w.do)
		require.ErrorIs(t, err, idempotency.ErrTooLarge)
		require.Empty(t, answer)
		require.Equal(t, delivery > 0, replayed)
	}
	require.Equal(t, 1, w.runs)
}

// TestOnceOfALateRun has a run outlast its lease: it must not overwrite the answer of the run
// that took over, nor release its key.
func TestOnceOfALateRun(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]error{"writes late": nil, "fails late": errors.New("late")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			_, _, err := f.once(t, func(context.Context) ([]byte, error) {
				f.advance(time.Minute)
				answer, _, err := f.once(t, (&work{body: "newer"}).do)
				require.NoError(t, err)
				require.Equal(t, "newer", answer)
				return []byte("older"), late
			})
			require.Error(t, err)
			if late == nil {
				require.ErrorIs(t, err, idempotency.ErrLost)
			}
			answer, replayed, err := f.once(t, (&work{body: "third"}).do)
			require.NoError(t, err)
			require.True(t, replayed)
			require.Equal(t, "newer", answer)
		})
	}
}

func TestOnceResolvesLostReplies(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"claim": 1, "completion": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			var reached func() bool
			f.db.Hook, reached = dynamotest.Nth(n, true)
			w := &work{body: "done"}
			answer, _, err := f.once(t, w.do)
			require.NoError(t, err)
			require.True(t, reached())
			require.Equal(t, "done", answer)
			require.Equal(t, 1, w.runs)
		})
	}
}

func TestOnceSharesTheAnswerOfARunningCall(t *testing.T) {
	t.Parallel()
	f := setup(t)
	store := f.live()
	w := &work{body: "done"}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			answer, _, err := store.Once(t.Context(), f.key, fingerprint, 10*time.Second, w.do)
			if err != nil || string(answer) != "done" {
				t.Error(err, string(answer))
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, w.runs)
}
