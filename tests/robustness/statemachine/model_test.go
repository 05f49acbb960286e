package statemachine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

// sale is what a client may send: one payload of one of its keys.
type sale struct {
	key      int
	payload  string
	number   string // none: from the series
	sku      string // none: nothing to reserve
	quantity int
}

func (s sale) id() idempotency.Key {
	return idempotency.Key{Scope: merchantID, ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", s.key)}
}

func (s sale) body() []byte {
	item := map[string]any{"description": "x", "hsn": "732393", "quantity": s.quantity, "unit": "NOS", "unit_price": "250.00", "gst_rate": 18}
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

// drawSales gives each key two payloads. Numbers clash, but for their case.
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

// book is what clients know of a key.
type book struct {
	told  *answer
	doubt map[string]bool // payloads that may be worked on, by a run that nobody waits for
}

// answer is the last 201 of a key.
type answer struct {
	payload, body string
	issued        time.Time
}

// live tells whether the answer must be replayed. An older one is, while its audit is
// owed, but need not be.
func (b *book) live(now time.Time) bool {
	return b.told != nil && now.Before(b.told.issued.Add(retention))
}

// reply is what a client was told.
type reply struct {
	issuance.Result
	err  error
	died bool // it was told nothing
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

// judge holds a reply against what the clients know, and learns from it. It returns
// what is wrong; empty if nothing is. before and after are the tables around it.
func (b *book) judge(s sale, r reply, now time.Time, before, after snapshot) string {
	live, doubted, other := b.live(now), len(b.doubt) > 0, b.another(s.payload)
	defer b.note(s, r)
	if r.died {
		return ""
	}
	if r.err == nil && r.Status == http.StatusAccepted {
		return unless(!live, "accepted what is answered")
	}
	if r.err == nil {
		wrong := b.issued(s, r, live)
		var inv gst.Invoice
		if err := json.Unmarshal(r.Body, &inv); err != nil {
			wrong = err.Error()
		}
		b.told = &answer{s.payload, string(r.Body), created(inv)}
		return wrong
	}
	switch code := r.code(); code {
	case "idempotency_key_reused":
		return unless(live && b.told.payload != s.payload || !live && other, "422, though no other payload was sent")
	case "request_in_progress", "compensation_in_progress":
		return unless(!live && doubted, "409, though nobody works on it")
	case "out_of_stock":
		short := before.levels[s.sku].OnHand < money.Quantity(1000*s.quantity)
		return unless(!live && (short || doubted), "out of stock, though there is some")
	case "invoice_number_taken":
		return unless(!live && after.numbers[scope+strings.ToUpper(s.number)].InvoiceID != "", "number taken, though nobody has it")
	case "inventory_unavailable":
		return unless(!live, "refused what is answered")
	case "temporarily_unavailable":
		return unless(r.how != fine, "503, though nothing was wrong")
	default:
		return "an answer that the API should not give: " + r.err.Error()
	}
}

// issued judges a 201.
func (b *book) issued(s sale, r reply, live bool) string {
	switch {
	case live && (!r.Replayed || b.told.payload != s.payload || b.told.body != string(r.Body)):
		return "P2: the answer is not the one that was given before"
	case r.Replayed && !live && b.told == nil && !b.doubt[s.payload]:
		return "P2: a replay of what nobody sent"
	default:
		return ""
	}
}

// another tells whether another payload may be worked on, or was answered.
func (b *book) another(payload string) bool {
	for p := range b.doubt {
		if p != payload {
			return true
		}
	}
	return b.told != nil && b.told.payload != payload
}

// note that a run may go on, or was left to be undone.
func (b *book) note(s sale, r reply) {
	clean := r.code() == "idempotency_key_reused" || r.code() == "out_of_stock"
	if r.died || r.how != fine || r.err != nil && !clean || r.Status == http.StatusAccepted {
		b.doubt[s.payload] = true
	}
}

func unless(right bool, wrong string) string {
	if right {
		return ""
	}
	return wrong
}

// ask sends a sale through the HTTP door; how and at say what happens to the run.
func (w *world) ask(ctx context.Context, s sale, how string, at int) (reply, *fault) {
	ctx, f := under(ctx, how, at)
	return w.issue(ctx, s, f), f
}

func (w *world) issue(ctx context.Context, s sale, f *fault) reply {
	defer f.cancel()
	req, err := gst.ParseRequest(s.body())
	if err != nil {
		return reply{err: err}
	}
	a, err := w.issuer.Issue(ctx, s.id(), req)
	return reply{Result: a, err: err, died: f.died(), how: f.how}
}

// accept sends it with `Prefer: respond-async`.
func (w *world) accept(ctx context.Context, s sale, how string, at int) reply {
	ctx, f := under(ctx, how, at)
	defer f.cancel()
	req, err := gst.ParseRequest(s.body())
	if err != nil {
		return reply{err: err}
	}
	a, err := w.issuer.Accept(ctx, s.id(), req, s.body())
	return reply{Result: a, err: err, died: f.died(), how: how}
}
