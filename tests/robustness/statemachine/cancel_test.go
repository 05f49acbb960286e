package statemachine_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

// cancel cancels one of the invoices, with one of two keys of its own. Both keys ask for
// different things, so that one of them is refused.
func (m *machine) cancel(rt *rapid.T) {
	ids := slices.Sorted(maps.Keys(m.last.invoices))
	if len(ids) == 0 {
		rt.Skip()
	}
	n := rapid.IntRange(0, len(ids)-1).Draw(rt, "invoice")
	second := rapid.IntRange(0, 1).Draw(rt, "key")
	how, at := drawFault(rt)
	ctx, f := withFault(m.ctx, how, at)
	defer f.cancel()
	id := idempotency.Key{Scope: merchantID, ID: cancelKey(ids[n], second)}
	req := gst.CancelRequest{InvoiceID: ids[n], Reason: gst.CancellationReasons()[second]}
	result, err := m.issuer.Cancel(ctx, issuance.Actor{}, id, caller.ActingFor(merchantID), req)
	r := reply{Result: result, err: err, died: f.died(), how: how}
	before, after := m.check(rt)
	rt.Logf("cancel %s by key %d → %s", ids[n], second, r)
	require.Empty(rt, m.judgeCancel(id.ID, ids[n], r, before, after))
}

// cancelKey returns one of the two keys of an invoice's cancellations.
func cancelKey(invoiceID string, second int) string {
	return fmt.Sprintf("%s%d", invoiceID[:len(invoiceID)-1], second)
}

// judgeCancel checks a reply to a cancellation. It returns what is wrong, or an empty string.
func (m *machine) judgeCancel(key, invoiceID string, r reply, before, after snapshot) string {
	if r.died {
		return ""
	}
	if r.err == nil {
		first, answered := m.cancels[key]
		m.cancels[key] = string(r.Body)
		switch {
		case r.Status != http.StatusAccepted:
			return "P14: a cancellation is not a 202"
		case answered && first != string(r.Body):
			return "P2: the answer differs from the first"
		default:
			return unless(after.holds[invoiceID] == r.SagaID, "P14: a 202 of a saga that does not hold the invoice")
		}
	}
	switch code := r.code(); code {
	case "already_cancelled":
		return unless(after.holds[invoiceID] != "", "P14: refused though nothing holds the invoice")
	case "request_in_progress":
		return ""
	case "cancellation_window_closed":
		return unless(before.holds[invoiceID] == "" || m.cancels[key] == "", "P2: a refusal of an answered key")
	case "temporarily_unavailable":
		return unless(r.how != none, "503 without a fault")
	default:
		return "an answer that the API should not give: " + problem.Clip(r.err.Error())
	}
}
