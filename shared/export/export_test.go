package export_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/export"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// TestExport: the first read of a small export finds it done, with the contact and what the law says.
func TestExport(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.issue(t, asha, 0, 120)
	f.issue(t, "ravi@example.in", 120, 125)
	asked := f.ask(t)
	require.Regexp(t, `^ex_[a-z2-7]{32}$`, asked.ID)
	require.False(t, asked.Done)
	require.Zero(t, asked.Exported)
	done, err := f.Get(t.Context(), merchantID, asked.ID)
	require.NoError(t, err)
	require.True(t, done.Done)
	require.Len(t, done.URLs, 1)
	require.Equal(t, f.clock.Add(10*time.Minute), done.URLsUntil)
	for _, l := range f.requireAll(t, done, 120) {
		require.Equal(t, asha, l.Invoice.BuyerEmail)
		require.Equal(t, "2034-03-31", l.KeepUntil)
		require.Equal(t, []string{"CGST Act 2017, s.36", "Companies Act 2013, s.128(5)"}, l.Basis)
	}
	require.Len(t, f.acts, 1)
	require.Equal(t, "buyer.exported", f.acts[0].Action)
	require.Equal(t, asked.ID, f.acts[0].Subject)
}

// TestAskingTwice gives the same export on one day, and another on the next.
func TestAskingTwice(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.issue(t, asha, 0, 1)
	first := f.ask(t)
	done := f.finish(t, first.ID)
	f.issue(t, asha, 1, 2)
	again := f.ask(t)
	require.Equal(t, first.ID, again.ID)
	require.True(t, again.Done)
	require.Equal(t, done.URLs, f.finish(t, first.ID).URLs)
	require.Len(t, f.acts, 1)
	f.advance(24 * time.Hour)
	next := f.ask(t)
	require.NotEqual(t, first.ID, next.ID)
	f.requireAll(t, f.finish(t, next.ID), 2)
	f.advance(export.KeptFor - 24*time.Hour)
	_, err := f.Get(t.Context(), merchantID, first.ID)
	require.ErrorIs(t, err, &problem.Error{Code: "export_not_found"})
}

// TestAllIdentifiers: the invoices of one buyer under several.
func TestAllIdentifiers(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.issue(t, "C-7", 0, 60)
	f.issue(t, asha, 60, 130)
	r := f.request(t)
	r.Subjects = []string{f.subject(t, "C-7"), f.subject(t, "9812345678"), f.subject(t, asha)}
	asked, err := f.Ask(t.Context(), r)
	require.NoError(t, err)
	f.requireAll(t, f.finish(t, asked.ID), 130)
}

// TestASubjectThatNeverWas has an export of nothing.
func TestASubjectThatNeverWas(t *testing.T) {
	t.Parallel()
	f := setup(t)
	done := f.finish(t, f.ask(t).ID)
	require.Zero(t, done.Exported)
	require.Empty(t, done.URLs)
	require.Empty(t, f.bucket.files)
}

func TestAnotherMerchantsExport(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.ask(t).ID
	for merchant, id := range map[string]string{"other": id, merchantID: "ex_none"} {
		_, err := f.Get(t.Context(), merchant, id)
		require.ErrorIs(t, err, &problem.Error{Code: "export_not_found"})
	}
}

// TestProgress: each read does a part of a longer export, whatever happens between them.
func TestProgress(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.issue(t, asha, 0, 230)
	id := f.ask(t).ID
	f.step = 3 * time.Second // a read has time for two or three chunks
	var progress []int
	for {
		e, err := f.instance().Get(t.Context(), merchantID, id)
		require.NoError(t, err)
		progress = append(progress, e.Exported)
		if e.Done {
			require.Len(t, e.URLs, len(progress))
			f.requireAll(t, e, 230)
			break
		}
		require.Empty(t, e.URLs)
	}
	require.Greater(t, len(progress), 1)
	require.IsIncreasing(t, progress)
}

// TestFaults: each write is lost, or lands with its reply lost; S3 is away. The next read goes on.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, landed := range []bool{true, false} {
		for nth := 1; ; nth++ {
			f := setup(t)
			f.issue(t, asha, 0, 60)
			f.step = 3 * time.Second
			hook, done := dynamotest.Nth(nth, landed)
			f.db.Hook = hook
			asked, err := f.Ask(t.Context(), f.request(t))
			if err != nil {
				asked = f.ask(t)
			}
			f.requireAll(t, f.finish(t, asked.ID), 60)
			if !done() {
				break
			}
		}
	}
	f := setup(t)
	f.issue(t, asha, 0, 1)
	id := f.ask(t).ID
	f.bucket.before = func() error { return errors.New("away") }
	_, err := f.Get(t.Context(), merchantID, id)
	require.ErrorContains(t, err, "away")
	f.bucket.before = nil
	f.requireAll(t, f.finish(t, id), 1)
}

// TestTwoWorkersAtOnce: a second read does its part, or all, while the first one's file is being written.
// What it was told stays so.
func TestTwoWorkersAtOnce(t *testing.T) {
	t.Parallel()
	for _, reads := range []int{1, 10} {
		f := setup(t)
		f.issue(t, asha, 0, 230)
		id := f.ask(t).ID
		f.step = 3 * time.Second
		inside, told := false, export.Export{}
		f.bucket.before = func() error {
			if inside {
				return nil
			}
			inside = true
			f.advance(time.Second) // its parts end at other places
			var err error
			for range reads {
				if told, err = f.instance().Get(context.Background(), merchantID, id); err != nil {
					return err
				}
			}
			return nil
		}
		first, err := f.Get(t.Context(), merchantID, id)
		require.NoError(t, err)
		require.GreaterOrEqual(t, first.Exported, told.Exported)
		done := f.finish(t, id)
		f.requireAll(t, done, 230)
		require.Greater(t, len(f.bucket.files), len(done.URLs), "a file was lost to the other request")
	}
}

// TestAnErasureDuringAnExport: the contact is absent from what is written a minute later.
func TestAnErasureDuringAnExport(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.issue(t, asha, 0, 150)
	id := f.ask(t).ID
	f.step = 3 * time.Second
	first, err := f.Get(t.Context(), merchantID, id)
	require.NoError(t, err)
	require.False(t, first.Done)
	f.erase(t, asha)
	f.advance(time.Minute)
	for !first.Done {
		first, err = f.Get(t.Context(), merchantID, id) // of the same instance
		require.NoError(t, err)
	}
	readable := 0
	for _, l := range f.requireAll(t, first, 150) {
		if l.Invoice.BuyerEmail != "" {
			readable++
			continue
		}
		require.NotEmpty(t, l.Invoice.ContactErasedAt)
	}
	require.Positive(t, readable)
	require.Less(t, readable, 150)
}

// TestNothingIsExportedWithoutAnAct: the queue of acts is away.
func TestNothingIsExportedWithoutAnAct(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.away = true
	_, err := f.Ask(t.Context(), f.request(t))
	require.ErrorContains(t, err, "away")
	require.NotContains(t, f.db.Calls(), "PutItem")
}

// many are the invoices of a buyer who has very many.
type many struct{ n int }

func (m many) OfSubject(
	_ context.Context, _, _, after string, limit int, take func(gst.Invoice, gst.Date) error,
) (string, error) {
	first := 0
	if after != "" {
		if _, err := fmt.Sscan(after, &first); err != nil {
			return "", err
		}
	}
	last := min(first+limit, m.n)
	for n := first; n < last; n++ {
		inv := gst.Invoice{InvoiceNumber: fmt.Sprintf("A-%d", n), InvoiceDate: "2025-11-26", SellerGSTIN: "27AABCU9603R1ZN"}
		if err := take(inv, "2034-03-31"); err != nil {
			return "", err
		}
	}
	if last == m.n {
		return "", nil
	}
	return strconv.Itoa(last), nil
}

// TestAHundredThousandInvoices are exported by reads of bounded time.
func TestAHundredThousandInvoices(t *testing.T) {
	t.Parallel()
	f := setup(t)
	store := export.NewStore(f.db, export.Config{
		Table: f.tables.Keys, Invoices: many{100_000}, Objects: f.bucket, Acts: f, Now: f.now,
	})
	asked, err := store.Ask(t.Context(), f.request(t))
	require.NoError(t, err)
	f.step = 30 * time.Millisecond // for a chunk, which is slow
	e, reads := asked, 0
	for ; !e.Done; reads++ {
		before := f.clock
		e, err = store.Get(t.Context(), merchantID, asked.ID)
		require.NoError(t, err)
		require.Less(t, f.clock.Sub(before), 9*time.Second)
	}
	require.LessOrEqual(t, reads, 10)
	f.requireAll(t, e, 100_000)
}
