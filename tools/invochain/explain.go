package main

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/durable/saga"
)

// explain prints what happened to a request, whether it may be sent again, and the commands to
// go on with. Nothing of it is personal data.
func explain(to io.Writer, r saga.Request, now time.Time) {
	line := func(name, format string, args ...any) {
		text := fmt.Sprintf("%-9s "+format, append([]any{name}, args...)...)
		_, _ = fmt.Fprintln(to, strings.TrimRight(text, " "))
	}
	since := lastChange(r.Record)
	line("saga", "%s", r.ID)
	if len(r.Attempts) > 1 {
		line("attempts", "%s", strings.Join(r.Attempts, ", "))
	}
	line("merchant", "%s", r.MerchantID)
	line("actor", "%s", dash(r.Actor))
	line("begun", "%s, by release %s", stamp(r.BegunAt), dash(r.Release))
	line("state", "%s since %s, %s ago", r.Status, stamp(since), now.Sub(time.UnixMilli(since)).Round(time.Second))
	if r.Reason != "" {
		line("reason", "%s (docs/errors.md)", r.Reason)
	}
	if len(r.Pending) > 0 {
		line("owes", "%s; redriven %d times", strings.Join(r.Pending, ", "), r.Redrive)
	}
	for _, s := range r.Steps {
		line("step", "%s  %-17s attempt %d  %-7s %6d ms  %s",
			stamp(s.StartedAt), s.Name, s.Attempt, s.Outcome, s.DurationMS, s.Error)
	}
	if r.CommittedAt > 0 {
		line("invoice", "%s %s, id %s", r.Document, r.Number, r.InvoiceID)
	}
	line("retry", "%s", retry(r))
	for _, next := range goOn(r) {
		line("next", "%s", next)
	}
}

// lastChange returns when the saga last changed as far as its record shows, in Unix
// milliseconds: the end of its last step.
func lastChange(r saga.Record) int64 {
	last := max(r.BegunAt, r.CommittedAt)
	for _, s := range r.Steps {
		last = max(last, s.StartedAt+s.DurationMS)
	}
	return last
}

// retry returns what the same request with the same key gets.
func retry(r saga.Request) string {
	if r.Cancels && r.InvoiceID != "" {
		return "safe: the same key gets the same 202"
	}
	switch r.Status {
	case saga.Committed, saga.Completed:
		return "safe: the same key returns the same invoice"
	case saga.Aborted, saga.Compensated:
		return "safe: nothing is left behind; the same key starts again; it can succeed once the reason is gone"
	case saga.Begun:
		return "safe: the request is in progress; the same key gets its result, or 409 request_in_progress"
	case saga.Queued:
		return "safe: the request waits for its first attempt; the same key starts it at once"
	case saga.Retrying:
		next := "soon"
		if r.LastFailure != nil {
			next = "by " + stamp(r.LastFailure.Next)
		}
		return "safe, but not needed: the queue tries again " + next + "; the same key tries at once"
	case saga.DeadLettered:
		return "safe: the queue tries no more; the same key tries at once; it can succeed once the reason is gone"
	default:
		return "safe, but early: the same key gets 409 compensation_in_progress until the saga is undone"
	}
}

// goOn returns the commands to go on with.
func goOn(r saga.Request) []string {
	again := "make find SAGA=" + r.ID + " once more: "
	switch r.Status {
	case saga.Stuck:
		return []string{"make dlq QUEUE=compensation", "make redrive SAGA=" + r.SagaID, "docs/runbooks/stuck-saga.md"}
	case saga.Compensating:
		return []string{again + "it takes seconds", "make logs FN=release-inventory"}
	case saga.Cancelling:
		return []string{again + "it takes seconds", "make logs FN=return-stock", "make logs FN=void-number"}
	case saga.Begun:
		return []string{
			again + "recovery takes over after " + stamp(r.Due), "make logs FN=create-invoice", "docs/runbooks/recovery.md",
		}
	case saga.Queued:
		return []string{again + "it takes seconds", "docs/runbooks/queues.md"}
	case saga.DeadLettered:
		return []string{"make dlq QUEUE=requests", "docs/runbooks/dlq.md"}
	case saga.Committed:
		return []string{"make logs FN=log-audit", "make dlq QUEUE=audit", "docs/runbooks/audit-lag.md"}
	case saga.Completed:
		query := url.Values{"merchant_id": {r.MerchantID}}
		api := cmp.Or(os.Getenv("API_URL"), "$API_URL")
		return []string{`curl "` + api + "/invoices/" + r.InvoiceID + "?" + query.Encode() + `"`}
	default:
		if strings.HasPrefix(r.Reason, "inventory_") {
			return []string{"make breaker"}
		}
		return nil
	}
}

func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }
