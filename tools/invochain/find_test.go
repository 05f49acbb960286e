package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
)

const begun = 1_700_000_000_000

// TestEverySagaIsExplained: for each state, is a retry safe, and how does one go on?
func TestEverySagaIsExplained(t *testing.T) {
	t.Setenv("API_URL", "")
	for state, want := range map[saga.State][]string{
		saga.Begun: {
			"BEGUN since 2023-11-14T22:13:21Z, 59s ago", "safe: the request is in progress", "recovery takes over",
		},
		saga.Committed:    {"safe: the same key returns the same invoice", "make logs FN=log-audit", "INV A-1, id i-1"},
		saga.Completed:    {"safe: the same key returns the same invoice", `curl "$API_URL/invoices/i-1?merchant_id=m+1"`},
		saga.Aborted:      {"safe: nothing is left behind", "reason    inventory_unavailable", "make breaker"},
		saga.Compensated:  {"safe: nothing is left behind"},
		saga.Compensating: {"safe, but early", "make find SAGA=s-1"},
		saga.Stuck:        {"safe, but early", "owes      Release Inventory; redriven 2 times", "make redrive SAGA=s-1"},
	} {
		t.Run(string(state), func(t *testing.T) {
			r := saga.Record{SagaID: "s-1", MerchantID: "m 1", Actor: "cl_1", State: state, BegunAt: begun}
			r.Steps = []saga.StepAttempt{
				{Name: "Reserve Inventory", Attempt: 1, StartedAt: begun, DurationMS: 1000, Outcome: saga.Failed, Error: "x"},
			}
			switch state {
			case saga.Committed, saga.Completed:
				r.CommittedAt, r.InvoiceID, r.Number, r.Document = begun+1, "i-1", "A-1", "INV"
			case saga.Stuck:
				r.Pending, r.Redrive = []string{"Release Inventory"}, 2
			case saga.Aborted:
				r.Reason = "inventory_unavailable"
			default:
			}
			var out strings.Builder
			explain(&out, r, time.UnixMilli(begun+60_000))
			for _, text := range append(want, "saga      s-1\n", "actor     cl_1\n", "Reserve Inventory attempt 1  failed") {
				require.Contains(t, out.String(), text)
			}
			require.NotContains(t, out.String(), " \n")
		})
	}
}

func TestAnExpiredAnswerNeedsNoRetry(t *testing.T) {
	t.Parallel()
	r := saga.Record{Record: idempotency.Record{ExpiresAt: begun}, State: saga.Completed}
	require.Contains(t, retry(r, time.UnixMilli(begun)), "not needed: the invoice is issued")
	require.Contains(t, retry(r, time.UnixMilli(begun-1)), "safe")
}

func TestEarlierSagasOfAKey(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	found := []saga.Record{{SagaID: "new"}}
	for range maxEarlier + 5 {
		found = append(found, saga.Record{SagaID: "old", State: saga.Aborted, Reason: "out_of_stock"})
	}
	explainKey(&out, found, time.UnixMilli(begun))
	require.Contains(t, out.String(), "saga      new\n")
	require.Contains(t, out.String(), "earlier   25 with the same key\n")
	require.Equal(t, maxEarlier, strings.Count(out.String(), "old  ABORTED  out_of_stock"))
}

// TestEventsOfARequest: also those of other functions, by its trace.
func TestEventsOfARequest(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "functions.log")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join([]string{
		`f-1 {"msg":"reserved","trace_id":"t-1","saga_id":"s-1"}`,
		`f-2 {"batch":"B","x":"r-1"}`,
		`f-2 {"msg":"request","request_id":"r-1","trace_id":"t-1"}`,
		`f-2 {"msg":"request","request_id":"r-2","trace_id":"t-2"}`,
		`f-2 {"msg":"without a trace"}`,
		`f-3 {"msg":"audited","trace_id":"t-1"}`, // the last line has no end yet
	}, "\n")), 0o600))
	found, err := eventsOf(path, "r-1")
	require.NoError(t, err)
	var messages []string
	for _, e := range found {
		messages = append(messages, e.Message)
	}
	require.Equal(t, []string{"reserved", "request", "audited"}, messages)
	found, err = eventsOf(path, "r-3")
	require.NoError(t, err)
	require.Empty(t, found)
	_, err = eventsOf(path+"x", "r-1")
	require.ErrorContains(t, err, "read the functions' log")
	require.Contains(t, logsInsights("r-1"), "filter request_id = 'r-1'")
}
