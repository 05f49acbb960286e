package statemachine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"pgregory.net/rapid"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

// sale is a request: one payload of one key.
type sale struct {
	key      int
	payload  string
	number   string // empty: from the series
	sku      string // empty: nothing to reserve
	quantity int
}

func (s sale) id() idempotency.Key {
	return idempotency.Key{Scope: merchantID, ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", s.key)}
}

func (s sale) body() []byte {
	item := map[string]any{
		"description": "x", "hsn": "732393", "quantity": s.quantity, "unit": "NOS", "unit_price": "250.00", "gst_rate": 18,
	}
	if s.sku != "" {
		item["sku"] = s.sku
	}
	in := map[string]any{
		"seller_merchant_id": merchantID, "buyer_gstin": "29AABCU9603R1ZJ", "invoice_date": "2025-11-26",
		"buyer_name": s.payload, "items": []any{item},
	}
	if s.number == "" {
		in["series"] = series
	} else {
		in["invoice_number"] = s.number
	}
	out, _ := json.Marshal(in)
	return out
}

// drawSales draws two payloads per key. Some numbers differ only in case.
func drawSales(rt *rapid.T) [][]sale {
	var all [][]sale
	for key := range 3 {
		s := sale{
			key: key, payload: fmt.Sprintf("sale %d", key), quantity: rapid.IntRange(1, 5).Draw(rt, "quantity"),
			number: rapid.SampledFrom([]string{"", "", "a-1", "A-1", "B-2"}).Draw(rt, "number"),
			sku:    rapid.SampledFrom([]string{"X", "X", "Y", ""}).Draw(rt, "sku"),
		}
		other := s
		other.payload += ", changed"
		all = append(all, []sale{s, other})
	}
	return all
}

// keyModel is the knowledge of a key's clients.
type keyModel struct {
	last    *answer
	pending map[string]bool // payloads that a run without a known outcome may process
}

// answer is the 201 of a key. It never changes, however late a request is repeated.
type answer struct{ payload, body string }

// reply is the result of a request.
type reply struct {
	issuance.Result
	err  error
	died bool // the process died: the client gets no reply
	how  string
}

func (r reply) code() string {
	if known, ok := errors.AsType[*problem.Error](r.err); ok {
		return known.Code
	}
	return ""
}

func (r reply) String() string {
	switch {
	case r.died:
		return "no answer"
	case r.err != nil:
		return r.code()
	case r.Replayed:
		return fmt.Sprintf("%d replayed %s", r.Status, r.InvoiceID)
	default:
		return fmt.Sprintf("%d %s", r.Status, r.InvoiceID)
	}
}

// judge checks a reply against the model and updates the model. It returns what is wrong,
// or an empty string. before and after are the snapshots around the request.
func (b *keyModel) judge(s sale, r reply, before, after snapshot) string {
	answered, inProgress, other := b.last != nil, len(b.pending) > 0, b.another(s.payload)
	defer b.update(s, r)
	if r.died {
		return ""
	}
	if r.err == nil && r.Status == http.StatusAccepted {
		return unless(!answered, "202 for an answered key")
	}
	if r.err == nil {
		if answered && b.last.payload == s.payload && showsCancelled(r, after) {
			return "" // its answer has expired, so the invoice is shown as it is now
		}
		wrong := b.issued(s, r, answered)
		b.last = &answer{s.payload, string(r.Body)}
		return wrong
	}
	switch code := r.code(); code {
	case "idempotency_key_reused":
		return unless(answered && b.last.payload != s.payload || !answered && other, "422 though no other payload was sent")
	case "request_in_progress", "compensation_in_progress":
		return unless(!answered && inProgress, "409 though the key is not in progress")
	case "out_of_stock":
		short := before.levels[s.sku].OnHand < money.Quantity(1000*s.quantity)
		return unless(!answered && (short || inProgress), "out of stock though there is enough")
	case "invoice_number_taken":
		taken := after.numbers[scope+strings.ToUpper(s.number)].InvoiceID != ""
		return unless(!answered && taken, "number taken though it is free")
	case "inventory_unavailable", "series_busy":
		return unless(!answered, "a refusal for an answered key")
	case "temporarily_unavailable":
		return unless(r.how != none, "503 without a fault")
	default:
		return "an answer that the API should not give: " + r.err.Error()
	}
}

// showsCancelled reports whether a reply shows an invoice that is cancelled as such.
func showsCancelled(r reply, after snapshot) bool {
	return after.invoices[r.InvoiceID].Cancellation != nil && strings.Contains(string(r.Body), `"status":"CANCELLED"`)
}

// issued judges a 201.
func (b *keyModel) issued(s sale, r reply, answered bool) string {
	switch {
	case answered && (!r.Replayed || b.last.payload != s.payload || b.last.body != string(r.Body)):
		return "P2: the answer differs from the first"
	case r.Replayed && !answered && b.last == nil && !b.pending[s.payload]:
		return "P2: a replay of a request that was not sent"
	default:
		return ""
	}
}

// another reports whether another payload was answered or may be in progress.
func (b *keyModel) another(payload string) bool {
	for p := range b.pending {
		if p != payload {
			return true
		}
	}
	return b.last != nil && b.last.payload != payload
}

// update records that the request's run may continue or await its compensation.
func (b *keyModel) update(s sale, r reply) {
	clean := r.code() == "idempotency_key_reused" || r.code() == "out_of_stock"
	if r.died || r.how != none || r.err != nil && !clean || r.Status == http.StatusAccepted {
		b.pending[s.payload] = true
	}
}

func unless(right bool, wrong string) string {
	if right {
		return ""
	}
	return wrong
}

// create sends a sale to the API. The run has the fault how at its write at.
func (f *fixture) create(ctx context.Context, s sale, how string, at int) (reply, *fault) {
	ctx, injected := withFault(ctx, how, at)
	return f.issue(ctx, f.issuer, s, injected), injected
}

func (f *fixture) issue(ctx context.Context, by *issuance.Issuer, s sale, injected *fault) reply {
	defer injected.cancel()
	req, err := gst.ParseRequest(s.body())
	if err != nil {
		return reply{err: err}
	}
	a, err := by.Issue(ctx, issuance.Actor{}, s.id(), req)
	return reply{Result: a, err: err, died: injected.died(), how: injected.how}
}

// accept sends a sale with `Prefer: respond-async`.
func (f *fixture) accept(ctx context.Context, s sale, how string, at int) reply {
	ctx, injected := withFault(ctx, how, at)
	defer injected.cancel()
	req, err := gst.ParseRequest(s.body())
	if err != nil {
		return reply{err: err}
	}
	a, err := f.issuer.Accept(ctx, issuance.Actor{}, s.id(), req, s.body())
	return reply{Result: a, err: err, died: injected.died(), how: how}
}
