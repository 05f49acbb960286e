package issuance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

// closed returns the merchant's profile with its months closed through m.
func closed(m gst.Month) merchant.Profile {
	p := seller(pune, gst.Advise)
	p.ClosedThrough = m
	return p
}

// TestAClosedMonthGetsNoInvoice by any way; a key that has an answer gets it.
func TestAClosedMonthGetsNoInvoice(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.issue(t.Context(), key(1), short(t, "A-1"))
	require.NoError(t, err)
	waiting, err := f.accept(t.Context(), key(2), short(t, "A-2"), []byte(`{}`))
	require.NoError(t, err)
	f.services.setSeller(closed("2025-11"))

	again, err := f.issue(t.Context(), key(1), short(t, "A-1"))
	require.NoError(t, err)
	require.Equal(t, string(first.Body), string(again.Body))
	_, err = f.issue(t.Context(), key(3), short(t, "A-3"))
	require.Equal(t, "period_closed", codeOf(err))
	_, err = f.accept(t.Context(), key(3), short(t, "A-3"), []byte(`{}`))
	require.Equal(t, "period_closed", codeOf(err))
	_, err = f.issue(t.Context(), key(2), short(t, "A-2"))
	require.Equal(t, "period_closed", codeOf(err), "a waiting request is judged when it is attempted")
	require.True(t, problem.IsCallerFault(err), "for good")
	require.Equal(t, saga.Aborted, f.state(t, waiting.SagaID))
	require.Equal(t, 1, f.invoices(t))

	f.services.setSeller(closed("2025-10"))
	_, err = f.issue(t.Context(), key(3), short(t, "A-3"))
	require.NoError(t, err, "reopened, the same key may try again")
}

func TestAnInvoiceOfAClosedMonthIsNotCancelled(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.issued(t, 1, "A-1")
	month := f.load(t, id).InvoiceDate.Month()
	f.services.setSeller(closed(month))
	_, err := f.cancel(t.Context(), 2, id, gst.Duplicate)
	var e *problem.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "period_closed", e.Code)
	require.Contains(t, e.Message, string(month))
	require.Equal(t, map[string]any{"hint": gst.TypeCreditNote}, e.Extensions)
	require.Equal(t, "ISSUED", f.load(t, id).Status)
}

// TestAnAttemptEndsBeforeACloseIsFinal: an attempt reads the profile when it starts, and its requests
// are sent before its context ends.
func TestAnAttemptEndsBeforeACloseIsFinal(t *testing.T) {
	t.Parallel()
	require.Less(t, issuance.DefaultLimits().Request, merchant.MaxAttempt)
	require.GreaterOrEqual(t, merchant.Settling, 2*merchant.SignatureLife+merchant.MaxAttempt)
	require.Equal(t, 12*time.Minute, merchant.Settling, "as docs/api.md says")
}
