package issuance_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

func (f *fixture) cancel(ctx context.Context, n int, id, reason string) (issuance.Result, error) {
	req := gst.CancelRequest{InvoiceID: id, Reason: reason, Remark: "entered twice"}
	return f.issuer.Cancel(ctx, client, key(n), caller.ActingFor(merchantID), req)
}

// issued returns the id of an invoice over three of the SKU.
func (f *fixture) issued(t *testing.T, n int, number string) string {
	t.Helper()
	r, err := f.issue(t.Context(), key(n), request(t, number, "SKU", 3))
	require.NoError(t, err)
	return r.InvoiceID
}

func (f *fixture) load(t *testing.T, id string) gst.Invoice {
	t.Helper()
	inv, err := f.issuer.Invoices.Load(t.Context(), id)
	require.NoError(t, err)
	return inv
}

// TestCancel: the invoice stays readable as cancelled, its number is used up, the stock is back, and
// the answer can be repeated.
func TestCancel(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.issued(t, 1, "A-1")
	first, err := f.cancel(t.Context(), 2, id, gst.Duplicate)
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, first.Status)
	answer := fmt.Sprintf(`{"saga_id":%q,"status_url":"/sagas/%s"}`, first.SagaID, first.SagaID)
	require.JSONEq(t, answer, string(first.Body))
	inv := f.load(t, id)
	require.Equal(t, invoice.Cancelled, inv.Status)
	require.Equal(t, gst.Duplicate, inv.Cancellation.Reason)
	require.Equal(t, "entered twice", inv.Cancellation.Remark)
	require.Equal(t, first.SagaID, inv.Cancellation.SagaID)
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
	require.Equal(t, saga.Committed, f.state(t, first.SagaID), "its entry in the log is owed")

	again, err := f.cancel(t.Context(), 2, id, gst.Duplicate)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, string(first.Body), string(again.Body))
	f.advance(25 * time.Hour)
	again, err = f.cancel(t.Context(), 2, id, gst.Duplicate)
	require.NoError(t, err, "when its answer has expired too")
	require.Equal(t, string(first.Body), string(again.Body))
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t), "given back once")

	_, err = f.issue(t.Context(), key(3), request(t, "A-1", "SKU", 3))
	require.Equal(t, "invoice_number_taken", codeOf(err), "void for good")
	replayed, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.NoError(t, err, "a replay of its issue")
	require.Equal(t, id, replayed.InvoiceID)
	f.recoverAll(t)
	require.Equal(t, saga.Completed, f.state(t, first.SagaID))
	r, err := f.sagas.Load(t.Context(), first.SagaID)
	require.NoError(t, err)
	var names []string
	for _, s := range r.Steps {
		names = append(names, s.Name)
	}
	require.Equal(t, []string{step.Hold, step.Return, step.Void}, names)
}

func TestWhatCannotBeCancelled(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.issued(t, 1, "A-1")
	other := caller.ActingFor("another")
	_, err := f.issuer.Cancel(t.Context(), client, key(2), other, gst.CancelRequest{InvoiceID: id, Reason: gst.Duplicate})
	require.Equal(t, "invoice_not_found", codeOf(err), "another merchant's")
	_, err = f.cancel(t.Context(), 3, invoice.IDFromSaga("none"), gst.Duplicate)
	require.Equal(t, "invoice_not_found", codeOf(err))

	f.services.setSeller(merchant.Profile{
		ID: merchantID, GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise, InUse: true,
		Details: merchant.Details{Filing: merchant.Quarterly},
	})
	inv := f.load(t, id)
	created, err := time.Parse(time.RFC3339, inv.CreatedAt)
	require.NoError(t, err)
	day := gst.DayInIndia(created)
	f.advanceTo(t, gst.CancelUntil(day, day, true), "23:59:59")
	held, err := f.cancel(t.Context(), 4, id, gst.Duplicate)
	require.NoError(t, err, "on the last day of a quarterly filer")
	_, err = f.cancel(t.Context(), 5, id, gst.OrderCancelled)
	require.Equal(t, "already_cancelled", codeOf(err), "by another request, with another reason")
	_, err = f.cancel(t.Context(), 4, id, gst.OrderCancelled)
	require.Equal(t, "idempotency_key_reused", codeOf(err))
	require.Equal(t, held.SagaID, f.load(t, id).Cancellation.SagaID)

	second := f.issued(t, 6, "A-2")
	created = f.now()
	day = gst.DayInIndia(created)
	f.advanceTo(t, gst.CancelUntil(day, day, true), "23:59:59")
	f.advance(time.Second)
	_, err = f.cancel(t.Context(), 7, second, gst.Duplicate)
	require.Equal(t, "cancellation_window_closed", codeOf(err), "a second after the last day")
	var refused *problem.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, gst.TypeCreditNote, refused.Extensions["hint"])
	require.Equal(t, invoice.Issued, f.load(t, second).Status)
	require.Equal(t, saga.Aborted, f.state(t, refused.SagaID))
}

// advanceTo moves the clock to a time of a day in India.
func (f *fixture) advanceTo(t *testing.T, day gst.Date, clock string) {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05Z07:00", string(day)+"T"+clock+"+05:30")
	require.NoError(t, err)
	f.advance(at.Sub(f.now()))
}

// TestOfTwoCancellationsOneWins: at once, over many invoices.
func TestOfTwoCancellationsOneWins(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for round := range 5 {
		id := f.issued(t, 100+round, fmt.Sprintf("A-%d", round))
		var wg sync.WaitGroup
		results := make([]error, 6)
		for n := range results {
			wg.Go(func() { _, results[n] = f.cancel(t.Context(), 1000+10*round+n, id, gst.CancellationReasons()[n%4]) })
		}
		wg.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
				continue
			}
			require.Equal(t, "already_cancelled", codeOf(err))
		}
		require.Equal(t, 1, won)
		require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
	}
}

// TestACrashOfACancellationIsPickedUp: it dies after the nth write, and the caller does not retry.
// Then it is cancelled as a whole, or not at all.
func TestACrashOfACancellationIsPickedUp(t *testing.T) {
	t.Parallel()
	for n := range 8 {
		f := setup(t)
		id := f.issued(t, 1, "A-1")
		f.recoverAll(t)
		seen := 0
		f.db.Hook = func(string) (bool, error) {
			seen++
			return seen <= n, errIf(seen > n)
		}
		_, err := f.cancel(t.Context(), 2, id, gst.Duplicate)
		f.db.Hook = nil
		f.advance(7 * time.Minute)
		f.recoverAll(t)
		if inv := f.load(t, id); inv.Status == invoice.Issued {
			require.Error(t, err)
			require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t), "crash after %d writes", n)
			_, err = f.cancel(t.Context(), 2, id, gst.Duplicate)
			require.NoError(t, err, "the key is free again")
		}
		require.Equal(t, invoice.Cancelled, f.load(t, id).Status)
		require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t), "crash after %d writes", n)
	}
}

// TestALostReplyOfAHoldIsNotAnError: each write of a cancellation loses its reply in turn.
func TestALostReplyOfAHoldIsNotAnError(t *testing.T) {
	t.Parallel()
	for n := range 6 {
		f := setup(t)
		id := f.issued(t, 1, "A-1")
		seen := 0
		f.db.Hook = func(string) (bool, error) {
			seen++
			return true, map[bool]error{true: dynamotest.ErrLost}[seen == n+1]
		}
		r, err := f.cancel(t.Context(), 2, id, gst.Duplicate)
		f.db.Hook = nil
		if err != nil {
			r, err = f.cancel(t.Context(), 2, id, gst.Duplicate)
		}
		require.NoError(t, err, "reply %d lost", n+1)
		f.advance(7 * time.Minute)
		f.recoverAll(t)
		require.Equal(t, r.SagaID, f.load(t, id).Cancellation.SagaID)
		require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
	}
}

// TestAHoldIsLostAndItsSagaEnded: recovery aborts the saga while its owner is frozen in the hold, whose
// write never arrives. The answer is not the aborted saga's.
func TestAHoldIsLostAndItsSagaEnded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.issued(t, 1, "A-1")
	f.recoverAll(t)
	f.db.Hook = func(operation string) (bool, error) {
		if operation != "TransactWriteItems" {
			return true, nil
		}
		f.db.Hook = nil
		f.advance(16 * time.Second)
		f.recoverAll(t)
		return false, dynamotest.ErrLost
	}
	r, err := f.cancel(t.Context(), 2, id, gst.Duplicate)
	require.NoError(t, err, "it starts again, as a new saga")
	require.Equal(t, saga.Committed, f.state(t, r.SagaID))
	require.Equal(t, r.SagaID, f.load(t, id).Cancellation.SagaID)
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
}

// TestACancellationThatIsStuckIsRedriven: the invoice stays held, and nothing is undone.
func TestACancellationThatIsStuckIsRedriven(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.issued(t, 1, "A-1")
	f.services.inventoryFails = true
	r, err := f.cancel(t.Context(), 2, id, gst.Duplicate)
	require.NoError(t, err)
	require.Equal(t, saga.Stuck, f.state(t, r.SagaID))
	listed, _, err := f.sagas.List(t.Context(), saga.Query{MerchantID: merchantID, State: saga.Stuck, Limit: 10})
	require.NoError(t, err)
	require.Len(t, listed, 1)
	_, err = f.cancel(t.Context(), 3, id, gst.Duplicate)
	require.Equal(t, "already_cancelled", codeOf(err))
	f.services.inventoryFails = false
	f.recoverAll(t)
	require.Equal(t, invoice.Cancelled, f.load(t, id).Status)
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
	for _, state := range []saga.State{saga.Stuck, saga.Cancelling} {
		listed, _, err = f.sagas.List(t.Context(), saga.Query{MerchantID: merchantID, State: state, Limit: 10})
		require.NoError(t, err)
		require.Empty(t, listed, "it has succeeded")
	}
}

// TestTheKeyOfARefusedCancellationIsFree, also for an invoice.
func TestTheKeyOfARefusedCancellationIsFree(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.cancel(t.Context(), 1, invoice.IDFromSaga("none"), gst.Duplicate)
	require.Equal(t, "invoice_not_found", codeOf(err))
	id := f.issued(t, 1, "A-1")
	r, err := f.sagas.Load(t.Context(), f.load(t, id).SagaID)
	require.NoError(t, err)
	require.False(t, r.Cancels)
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t))
}

// TestACancellationVoidsItsOwnInvoice: not one that another holds, nor one that none does.
func TestACancellationVoidsItsOwnInvoice(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.noStateMachine = true
	first, second, third := f.issued(t, 1, "A-1"), f.issued(t, 2, "A-2"), f.issued(t, 3, "A-3")
	_, err := f.cancel(t.Context(), 4, first, gst.Duplicate)
	require.NoError(t, err)
	other, err := f.cancel(t.Context(), 5, second, gst.Duplicate)
	require.NoError(t, err)
	for _, id := range []string{first, third} {
		check, err := f.sagas.CancellingCheck(other.SagaID)
		require.NoError(t, err)
		_, err = f.issuer.Invoices.Cancel(t.Context(), id, other.SagaID, check)
		require.Error(t, err)
		require.Equal(t, invoice.Issued, f.load(t, id).Status)
	}
}

// TestAStepAfterItsSagaIsRefused: the number is not voided by a late step of an execution that was
// settled as failed.
func TestAStepAfterItsSagaIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.issued(t, 1, "A-1")
	f.services.noStateMachine = true
	r, err := f.cancel(t.Context(), 2, id, gst.Duplicate)
	require.NoError(t, err, "recovery starts it")
	check, err := f.sagas.CancellingCheck(r.SagaID)
	require.NoError(t, err)
	_, err = f.sagas.Settle(t.Context(), r.SagaID, 0, []saga.StepAttempt{{Name: step.Return, Outcome: saga.Failed}})
	require.NoError(t, err)
	_, err = f.issuer.Invoices.Cancel(t.Context(), id, r.SagaID, check)
	require.Error(t, err)
	require.Equal(t, invoice.Issued, f.load(t, id).Status)
	f.services.noStateMachine = false
	f.recoverAll(t)
	require.Equal(t, invoice.Cancelled, f.load(t, id).Status)
}

func TestACancellationIsSettledTwice(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r, err := f.cancel(t.Context(), 2, f.issued(t, 1, "A-1"), gst.Duplicate)
	require.NoError(t, err)
	settled, err := f.sagas.Settle(t.Context(), r.SagaID, 0, nil)
	require.NoError(t, err, "Settle Saga is retried after a lost reply")
	require.Equal(t, saga.Committed, settled.State)
}

// TestANoteOrACancellation: of both at once one is refused.
func TestANoteOrACancellation(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.stock.SetOnHand(t.Context(), merchantID, "SKU", 1_000_000)
	require.NoError(t, err)
	for round := range 6 {
		number := fmt.Sprintf("A-%d", round)
		id := f.issued(t, 100+round, number)
		note := request(t, "C-"+number, "", 1)
		note.DocumentType, note.OriginalInvoiceNumber = gst.TypeCreditNote, number
		var noteErr, cancelErr error
		var wg sync.WaitGroup
		wg.Go(func() { _, noteErr = f.issue(t.Context(), key(200+round), note) })
		wg.Go(func() { _, cancelErr = f.cancel(t.Context(), 300+round, id, gst.OrderCancelled) })
		wg.Wait()
		if noteErr == nil {
			require.Equal(t, "corrected_by_note", codeOf(cancelErr))
			require.Equal(t, invoice.Issued, f.load(t, id).Status)
		} else {
			require.Equal(t, "original_cancelled", codeOf(noteErr))
			require.NoError(t, cancelErr)
		}
	}
	number, id := "B-1", f.issued(t, 400, "B-1")
	note := request(t, "C-B-1", "", 1)
	note.DocumentType, note.OriginalInvoiceNumber = gst.TypeCreditNote, number
	issued, err := f.issue(t.Context(), key(401), note)
	require.NoError(t, err)
	_, err = f.cancel(t.Context(), 402, id, gst.Duplicate)
	require.Equal(t, "corrected_by_note", codeOf(err))
	_, err = f.cancel(t.Context(), 403, issued.InvoiceID, gst.Duplicate)
	require.Equal(t, "note_not_cancellable", codeOf(err))
}
