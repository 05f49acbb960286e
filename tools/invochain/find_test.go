package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/operations"
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
		saga.Queued:       {"safe: the request waits", "make find SAGA=s-1"},
		saga.Retrying:     {"safe, but not needed: the queue tries again soon", "make breaker"},
		saga.DeadLettered: {"safe: the queue tries no more", "make dlq QUEUE=requests"},
	} {
		t.Run(string(state), func(t *testing.T) {
			r := saga.Record{SagaID: "s-1", MerchantID: "m 1", Actor: "cl_1", BegunAt: begun}
			r.Steps = []saga.StepAttempt{
				{Name: "Reserve Inventory", Attempt: 1, StartedAt: begun, DurationMS: 1000, Outcome: saga.Failed, Error: "x"},
			}
			switch state {
			case saga.Committed, saga.Completed:
				r.CommittedAt, r.InvoiceID, r.Number, r.Document = begun+1, "i-1", "A-1", "INV"
			case saga.Stuck:
				r.Pending, r.Redrive = []string{"Release Inventory"}, 2
			case saga.Aborted, saga.Retrying:
				r.Reason = "inventory_unavailable"
			default:
			}
			var out strings.Builder
			explain(&out, saga.Request{Record: r, ID: "s-1", Status: state}, time.UnixMilli(begun+60_000))
			for _, text := range append(want, "saga      s-1\n", "actor     cl_1\n", "Reserve Inventory attempt 1  failed") {
				require.Contains(t, out.String(), text)
			}
			require.NotContains(t, out.String(), " \n")
		})
	}
}

// requests is a store of one accepted request.
type requests struct {
	*saga.Store

	request saga.Request
}

func (r requests) Request(_ context.Context, id string) (saga.Request, error) {
	if id != r.request.ID {
		return saga.Request{}, errors.New("there is no request " + id)
	}
	return r.request, nil
}

func systemWith(r saga.Request) *operations.System {
	return &operations.System{Sagas: requests{request: r}, Now: func() time.Time { return time.UnixMilli(begun) }}
}

// TestAnAcceptedRequestIsExplained: by the id of its 202, with the state that its caller sees,
// whatever state its latest attempt is in. That attempt is what is redriven.
func TestAnAcceptedRequestIsExplained(t *testing.T) {
	t.Parallel()
	for status, tc := range map[saga.State]struct {
		attempt saga.State
		want    string
	}{
		saga.Retrying: {saga.Aborted, "the queue tries again by 2023-11-14T22:13:26Z"},
		saga.Stuck:    {saga.Stuck, "make redrive SAGA=s-2"},
	} {
		t.Run(string(status), func(t *testing.T) {
			t.Parallel()
			r := saga.Record{
				SagaID: "s-2", RequestID: "s-1", State: tc.attempt, LastFailure: &saga.Failure{Next: begun + 6_000},
			}
			s := systemWith(saga.Request{Record: r, ID: "s-1", Status: status, Attempts: []string{"s-1", "s-2"}})
			var bySaga, byKey strings.Builder
			require.NoError(t, explainSaga(t.Context(), &bySaga, s, "s-1"))
			require.Contains(t, bySaga.String(), "saga      s-1\nattempts  s-1, s-2\n")
			require.Contains(t, bySaga.String(), "state     "+string(status)+" since")
			require.Contains(t, bySaga.String(), tc.want)
			require.NoError(t, explainKey(t.Context(), &byKey, s, []saga.Record{r}))
			require.Equal(t, bySaga.String(), byKey.String())
		})
	}
}

func TestEarlierSagasOfAKey(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	found := []saga.Record{{SagaID: "new"}}
	for range maxEarlier + 5 {
		found = append(found, saga.Record{SagaID: "old", State: saga.Aborted, Reason: "out_of_stock"})
	}
	require.NoError(t, explainKey(t.Context(), &out, systemWith(saga.Request{ID: "new"}), found))
	require.Contains(t, out.String(), "saga      new\n")
	require.Contains(t, out.String(), "earlier   25 with the same key\n")
	require.Equal(t, maxEarlier, strings.Count(out.String(), "old  ABORTED  out_of_stock"))
	require.Error(t, explainKey(t.Context(), &out, systemWith(saga.Request{}), found))
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
