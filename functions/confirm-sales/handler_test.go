package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/batch"
	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/shared/problem"
)

// fixture is an audit log and a stock in memory.
type fixture struct {
	entries   []audit.Entry
	reserved  map[string]bool
	errs      map[string]error // of ConfirmAll, by saga
	checked   int64
	moved     bool // by another run
	confirmed []string
	takes     time.Duration // of each Range
}

func (f *fixture) Size(context.Context) (int64, error) { return int64(len(f.entries)), nil }

func (f *fixture) Range(_ context.Context, from, to int64) ([][]byte, error) {
	time.Sleep(f.takes) //nolint:forbidigo // the bubble's clock
	var all [][]byte
	for _, e := range f.entries[from:to] {
		data, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f *fixture) Unsettled(_ context.Context, sagaIDs []string) ([]string, error) {
	var unsettled []string
	for _, id := range sagaIDs {
		if f.reserved[id] {
			unsettled = append(unsettled, id)
		}
	}
	return unsettled, nil
}

func (f *fixture) ConfirmAll(_ context.Context, sagaIDs []string) []batch.Result[struct{}] {
	results := make([]batch.Result[struct{}], len(sagaIDs))
	for i, id := range sagaIDs {
		if results[i].Err = f.errs[id]; results[i].Err == nil {
			f.confirmed = append(f.confirmed, id)
		}
	}
	return results
}

func (f *fixture) Checked(context.Context) (int64, error) { return f.checked, nil }

func (f *fixture) SetChecked(_ context.Context, from, to int64) error {
	if f.moved || from != f.checked {
		return inventory.ErrMoved
	}
	f.checked = to
	return nil
}

func (f *fixture) run(ctx context.Context) (done, error) {
	return handler{f, f, time.Now, slog.New(slog.DiscardHandler)}.handle(ctx) //nolint:forbidigo // the bubble's clock
}

// issue appends n invoices that were issued some time ago.
func (f *fixture) issue(n int, ago time.Duration) {
	for range n {
		f.entries = append(f.entries, audit.Entry{
			ID: fmt.Sprint("saga-", len(f.entries)), Action: events.InvoiceCreated,
			At: time.Now().Add(-ago).UnixMilli(), //nolint:forbidigo // the bubble's clock
		})
	}
}

func TestOldReservationsAreConfirmed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{reserved: map[string]bool{"saga-3": true, "saga-700": true, "saga-1203": true}}
		f.issue(1200, 2*time.Hour)
		f.issue(10, time.Minute)
		f.entries[700].Action = events.InvoiceCancelled
		got, err := f.run(t.Context())
		require.NoError(t, err)
		require.Equal(t, done{Checked: 1200, Confirmed: 1}, got, "young ones have time, others sell nothing")
		require.Equal(t, []string{"saga-3"}, f.confirmed)
		time.Sleep(time.Hour) //nolint:forbidigo // the bubble's clock
		got, err = f.run(t.Context())
		require.NoError(t, err)
		require.Equal(t, done{Checked: 1210, Confirmed: 1}, got)
		require.Equal(t, []string{"saga-3", "saga-1203"}, f.confirmed)
	})
}

func TestAContradictionStopsNoOtherSale(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{
			reserved: map[string]bool{"saga-1": true, "saga-2": true},
			errs:     map[string]error{"saga-1": &problem.Error{Kind: problem.Internal, Code: "sold_after_release"}},
		}
		f.issue(3, 2*time.Hour)
		got, err := f.run(t.Context())
		require.NoError(t, err)
		require.Equal(t, done{Checked: 3, Confirmed: 1, Failed: 1}, got)
	})
}

func TestWhatFailsIsCheckedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{reserved: map[string]bool{"saga-1": true}, errs: map[string]error{"saga-1": errors.New("throttled")}}
		f.issue(3, 2*time.Hour)
		_, err := f.run(t.Context())
		require.ErrorContains(t, err, "throttled")
		require.Zero(t, f.checked)
		f.errs = nil
		_, err = f.run(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 3, f.checked)
		require.Equal(t, []string{"saga-1"}, f.confirmed)
	})
}

func TestAnotherRunTakesOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{moved: true}
		f.issue(1000, 2*time.Hour)
		got, err := f.run(t.Context())
		require.NoError(t, err)
		require.Zero(t, got.Checked)
	})
}

func TestARunEndsInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{takes: 4 * time.Second}
		f.issue(20*chunk, 2*time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		got, err := f.run(ctx)
		require.NoError(t, err)
		require.EqualValues(t, 13*chunk, got.Checked)
		require.NoError(t, ctx.Err())
	})
}
