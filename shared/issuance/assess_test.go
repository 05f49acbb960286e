package issuance_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

const (
	pune      = gst.GSTIN("27AABCU9603R1ZN") // Maharashtra
	bengaluru = gst.GSTIN("29AABCU9603R1ZJ") // Karnataka
)

// short returns a request that a strict seller is refused: its HSN has four digits, which
// cannot be e-invoiced.
func short(t *testing.T, number string) gst.Request {
	t.Helper()
	req := request(t, number, "SKU", 1)
	req.Items[0].HSN = "7323"
	return req
}

// TestAnAnswerIsReplayedWhateverTheRulesSayToday: the seller's policy changes after the invoice.
func TestAnAnswerIsReplayedWhateverTheRulesSayToday(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.issue(t.Context(), key(1), short(t, "A-1"))
	require.NoError(t, err)
	f.services.setSeller(seller(pune, gst.Strict))
	again, err := f.issue(t.Context(), key(1), short(t, "A-1"))
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, string(first.Body), string(again.Body))
	accepted, err := f.accept(t.Context(), key(1), short(t, "A-1"), nil)
	require.NoError(t, err)
	require.Equal(t, string(first.Body), string(accepted.Body))
	_, err = f.issue(t.Context(), key(1), short(t, "A-2"))
	require.Equal(t, "idempotency_key_reused", codeOf(err))
	f.db.Forget()
	_, err = f.issue(t.Context(), key(2), short(t, "A-3"))
	require.Equal(t, "compliance_findings", codeOf(err))
	require.Equal(t, []string{"GetItem"}, f.db.Calls(), "a refused request leaves nothing behind")
}

// TestTheProfileInForceDecides: this instance remembers another profile than the one in force.
func TestTheProfileInForceDecides(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		remembered, inForce merchant.Profile
		code                string
	}{
		"another GSTIN":     {seller(bengaluru, gst.Advise), seller(pune, gst.Advise), ""},
		"a laxer policy":    {seller(pune, gst.Strict), seller(pune, gst.Advise), ""},
		"a stricter policy": {seller(pune, gst.Advise), seller(pune, gst.Strict), "compliance_findings"},
		"a closed month":    {seller(pune, gst.Advise), closed("2025-11"), "period_closed"},
		"a reopened month":  {closed("2025-11"), closed("2025-10"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			f.services.remembered, f.services.inForce = tc.remembered, tc.inForce
			result, err := f.issue(t.Context(), key(1), short(t, "A-1"))
			require.Equal(t, tc.code, codeOf(err))
			if tc.code != "" {
				require.Equal(t, saga.Aborted, f.state(t, sagaOf(err)))
				require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
				return
			}
			require.NoError(t, err)
			var inv gst.Invoice
			require.NoError(t, json.Unmarshal(result.Body, &inv))
			require.Equal(t, tc.inForce.GSTIN, inv.SellerGSTIN)
			require.NotZero(t, inv.Totals.IGST, "from Maharashtra to Karnataka")
		})
	}
}

func TestNothingIsIssuedWithoutTheProfile(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.readErr = errors.New("connection reset")
	_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.Equal(t, "temporarily_unavailable", codeOf(err))
	require.Equal(t, saga.Aborted, f.state(t, sagaOf(err)))
	f.services.readErr = nil
	_, err = f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
}

// unknown has no merchants.
type unknown struct{ *services }

func (unknown) Get(context.Context, string) (merchant.Profile, error) {
	return merchant.Profile{}, &problem.Error{Kind: problem.NotFound, Code: "merchant_not_found"}
}

func (u unknown) Read(ctx context.Context, id string) (merchant.Profile, error) {
	return u.Get(ctx, id)
}

// TestARefusedRetryUndoesWhatACrashReserved: a run crashed with stock reserved, and its retry is
// refused by the rules of today.
func TestARefusedRetryUndoesWhatACrashReserved(t *testing.T) {
	t.Parallel()
	f := setup(t)
	crashed := f.begunAndReserved(t)
	f.advance(16 * time.Second) // its lease has expired
	f.issuer.Merchants = unknown{f.services}
	_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 3))
	require.Equal(t, "merchant_not_found", codeOf(err))
	require.Equal(t, crashed, sagaOf(err))
	require.Equal(t, saga.Compensated, f.state(t, crashed))
	require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
}

// realProfiles makes the issuer read profiles from the table.
func (f *fixture) realProfiles(t *testing.T) (*merchant.Store, merchant.Profile) {
	t.Helper()
	sellers := merchant.NewStore(f.db.Client, f.tables.Platform, f.now)
	f.issuer.Merchants = &merchant.Cache{Store: sellers}
	profile := merchant.Profile{ID: merchantID, Name: "x", GSTIN: bengaluru, Compliance: gst.Advise}
	require.NoError(t, sellers.Put(t.Context(), profile))
	return sellers, profile
}

func TestTheFirstInvoiceFixesTheGSTIN(t *testing.T) {
	t.Parallel()
	f := setup(t)
	sellers, profile := f.realProfiles(t)
	profile.GSTIN = pune
	require.NoError(t, sellers.Put(t.Context(), profile), "corrected before the first invoice")
	_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	profile.GSTIN = bengaluru
	require.Equal(t, "gstin_in_use", codeOf(sellers.Put(t.Context(), profile)))
}

// TestAGSTINThatChangesDuringTheFirstInvoice is corrected between the read of the profile and
// the commit, while the stock is reserved.
func TestAGSTINThatChangesDuringTheFirstInvoice(t *testing.T) {
	t.Parallel()
	f := setup(t)
	sellers, profile := f.realProfiles(t)
	f.services.reserve = func(ctx context.Context, do func() error) error {
		profile.GSTIN = pune
		return errors.Join(sellers.Put(ctx, profile), do())
	}
	_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.Equal(t, "temporarily_unavailable", codeOf(err))
	require.Zero(t, f.invoices(t))
	result, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
	require.Contains(t, string(result.Body), `"seller_gstin":"27AABCU9603R1ZN"`)
	require.Equal(t, [3]int{9, 1, 0}, f.stockLevel(t))
}

func TestTooLargeForTheQueue(t *testing.T) {
	t.Parallel()
	f := setup(t)
	body := []byte(strings.Repeat("\uffff", 300_000)) // escaped, it is twice as long
	_, err := f.accept(t.Context(), key(1), request(t, "A-1", "", 1), body)
	require.Equal(t, "body_too_large", codeOf(err))
	require.Empty(t, f.services.sent)
}

// rendezvous is a merchant whose profile is read only while the key is claimed.
type rendezvous struct {
	*services
	read, claimed chan struct{}
}

func (r rendezvous) Read(ctx context.Context, id string) (merchant.Profile, error) {
	close(r.read)
	<-r.claimed
	return r.services.Read(ctx, id)
}

// TestTheProfileIsReadDuringTheClaim: the read adds no awaited call. One after the other, the two
// calls would wait for each other for ever.
func TestTheProfileIsReadDuringTheClaim(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := rendezvous{f.services, make(chan struct{}), make(chan struct{})}
	f.issuer.Merchants = r
	claimed := false
	f.db.Hook = func(operation string) (bool, error) {
		if operation == "PutItem" && !claimed {
			claimed = true
			<-r.read
			close(r.claimed)
		}
		return true, nil
	}
	_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
	require.NoError(t, err)
}

// TestAnInvoiceKeepsItsSeller: the profile in force is stored in the invoice, and a later change
// does not reach it.
func TestAnInvoiceKeepsItsSeller(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.inForce.Address, f.services.inForce.City = "7 Hill Street", "Pune"
	first, err := f.issue(t.Context(), key(1), short(t, "A-1"))
	require.NoError(t, err)
	want := &gst.Supplier{
		LegalName: "Brightway Stores", Address: "7 Hill Street", City: "Pune", State: "27", GSTIN: pune,
	}
	f.services.inForce.Address = "3 Fort Street"
	stored, err := f.issuer.Invoices.Load(t.Context(), first.InvoiceID)
	require.NoError(t, err)
	require.Equal(t, want, stored.Seller)
	again, err := f.issue(t.Context(), key(1), short(t, "A-1"))
	require.NoError(t, err)
	require.Equal(t, string(first.Body), string(again.Body))
}
