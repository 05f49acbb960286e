package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/seal"
	"github.com/invochain/invochain/shared/resilience"
)

// runs are the results of Seal, in turn.
type runs struct {
	results []seal.Sealed
	last    error // after the results
	takes   time.Duration
	calls   int
}

func (r *runs) Seal(ctx context.Context) (seal.Sealed, error) {
	if err := resilience.Sleep(ctx, r.takes); err != nil {
		return seal.Sealed{}, err
	}
	if r.calls++; r.calls > len(r.results) {
		return seal.Sealed{}, r.last
	}
	return r.results[r.calls-1], nil
}

func (r *runs) handle(ctx context.Context) (any, error) {
	return handler{
		open: func(context.Context) (sealer, error) { return r, nil }, log: slog.New(slog.DiscardHandler),
	}.handle(ctx)
}

func TestARunSealsUntilNothingIsLeft(t *testing.T) {
	r := &runs{results: []seal.Sealed{{Size: 100, Entries: 100}, {Size: 130, Entries: 30}, {Size: 130}}}
	out, err := r.handle(t.Context())
	require.NoError(t, err)
	require.Equal(t, done{Size: 130, Entries: 130}, out)
}

func TestARunEndsBeforeItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &runs{takes: 15 * time.Second}
		for range 10 {
			r.results = append(r.results, seal.Sealed{Size: 1, Entries: 1})
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
		defer cancel()
		_, err := r.handle(ctx)
		require.NoError(t, err)
		require.Equal(t, 3, r.calls)
	})
}

func TestASecondRunIsNoFailure(t *testing.T) {
	r := &runs{last: audit.ErrMoved}
	_, err := r.handle(t.Context())
	require.NoError(t, err)
}

func TestFailuresAreTold(t *testing.T) {
	for _, failure := range []error{errors.New("away"), &seal.AlteredError{What: "entry 1"}} {
		_, err := (&runs{last: failure}).handle(t.Context())
		require.ErrorIs(t, err, failure)
	}
	_, err := handler{
		open: func(context.Context) (sealer, error) { return nil, errors.New("no key") }, log: slog.New(slog.DiscardHandler),
	}.handle(t.Context())
	require.ErrorContains(t, err, "no key")
}
