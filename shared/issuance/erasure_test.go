package issuance_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/privacy"
	"github.com/invochain/invochain/shared/retention"
)

// unrecorded are acts that no test looks at.
type unrecorded struct{}

func (unrecorded) Record(context.Context, events.Act) error { return nil }

// erase erases a buyer by an identifier.
func (f *fixture) erase(t *testing.T, identifier string) (erasure.Erasure, error) {
	t.Helper()
	keys := privacy.NewStore(f.db, f.tables.Keys, f.now)
	store := erasure.NewStore(f.db, erasure.Config{Table: f.tables.Keys, Keys: keys, Acts: unrecorded{}, Now: f.now})
	subject, err := keys.Subject(t.Context(), merchantID, identifier)
	require.NoError(t, err)
	return store.Erase(t.Context(), erasure.Request{
		MerchantID: merchantID, Subjects: []string{subject}, Law: retention.GDPR, Actor: "cl_1",
	})
}

// TestAnErasedBuyer: the contact is unreadable, the rest of the invoice stays, and the buyer's next
// invoice has a contact again, which the same request erases.
func TestAnErasedBuyer(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.issue(t.Context(), key(1), retail(t, "E-1"))
	require.NoError(t, err)
	before, err := f.get(t, first.InvoiceID)
	require.NoError(t, err)
	require.Equal(t, "asha@example.org", before.BuyerEmail)
	e, err := f.erase(t, " cust-7 ")
	require.NoError(t, err)
	require.Equal(t, []string{"contact"}, e.Erased)
	after, err := f.get(t, first.InvoiceID)
	require.NoError(t, err)
	require.NotEmpty(t, after.ContactErasedAt)
	require.Equal(t, before.Totals, after.Totals)
	require.Empty(t, after.BuyerEmail+after.BuyerReference+after.BuyerName)

	second, err := f.issue(t.Context(), key(2), retail(t, "E-2"))
	require.NoError(t, err)
	again, err := f.get(t, second.InvoiceID)
	require.NoError(t, err)
	require.Equal(t, "asha@example.org", again.BuyerEmail)
	_, err = f.erase(t, "CUST-7")
	require.NoError(t, err)
	again, err = f.get(t, second.InvoiceID)
	require.NoError(t, err)
	require.Empty(t, again.BuyerEmail)
}

func TestYearsOfABuyer(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for n, day := range []gst.Date{"2026-04-01", "2025-11-26", "2026-03-31"} {
		req := retail(t, "Y-"+string(rune('1'+n)))
		req.InvoiceDate = day
		_, err := f.issue(t.Context(), key(n+1), req)
		require.NoError(t, err)
	}
	keys := privacy.NewStore(f.db, f.tables.Keys, f.now)
	of := func(merchant, identifier string) []string {
		subject, err := keys.Subject(t.Context(), merchantID, identifier)
		require.NoError(t, err)
		years, last, err := f.issuer.Invoices.YearsOf(t.Context(), merchant, subject)
		require.NoError(t, err)
		require.Equal(t, len(years) == 0, last.IsZero())
		return years
	}
	require.Equal(t, []string{"2526", "2627"}, of(merchantID, "CUST-7"))
	require.Empty(t, of(merchantID, "CUST-8"))
	require.Empty(t, of("merchant-2", "CUST-7"))
}
