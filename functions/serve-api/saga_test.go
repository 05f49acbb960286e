package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/tests/contract"
)

// requestStore is a store with one request.
type requestStore struct {
	sagas
	found saga.Request
}

func (s requestStore) Request(context.Context, string) (saga.Request, error) { return s.found, nil }

func TestStatusOfARequest(t *testing.T) {
	t.Parallel()
	refusal, err := json.Marshal(problem.Error{
		Kind: problem.Conflict, Code: "out_of_stock", Fields: []problem.FieldError{{Field: "items[0]", Code: "out_of_stock"}},
	})
	require.NoError(t, err)
	packed, err := idempotency.Compress(refusal)
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		request saga.Request
		want    map[string]any
	}{
		"issued": {
			saga.Request{
				Status: saga.Completed, Attempts: []string{"s", "t"},
				Record: saga.Record{InvoiceID: "i", Number: "A-1", Actor: "cl_1", Release: "1a2b3c4"},
			},
			map[string]any{
				"actor": "cl_1", "release": "1a2b3c4",
				"state": "COMPLETED", "invoice_id": "i", "invoice_number": "A-1",
				"links": map[string]any{"invoice": "/invoices/i"}, "attempts": []any{"s", "t"}, "ended_at": nil,
			},
		},
		"published": {
			saga.Request{Status: saga.Completed, Record: saga.Record{Steps: []saga.StepAttempt{
				{Name: "Publish Event", Attempt: 1, StartedAt: 2000, DurationMS: 500, Outcome: "ok"},
				{Name: "Log Audit", Attempt: 1, StartedAt: 1000, DurationMS: 5, Outcome: "ok"},
			}}},
			map[string]any{"state": "COMPLETED", "ended_at": "1970-01-01T00:00:02.500Z", "actor": nil},
		},
		"being undone": {
			saga.Request{Status: saga.Compensating, Record: saga.Record{Steps: []saga.StepAttempt{
				{Name: "Release Inventory", Attempt: 1, StartedAt: 2000, DurationMS: 500, Outcome: "failed"},
			}}},
			map[string]any{"state": "COMPENSATING", "ended_at": nil},
		},
		"undone": {
			saga.Request{Status: saga.Compensated, Record: saga.Record{EndedAt: 3000, Steps: []saga.StepAttempt{
				{Name: "Release Inventory", Attempt: 1, StartedAt: 2000, DurationMS: 500, Outcome: "ok"},
			}}},
			map[string]any{"state": "COMPENSATED", "ended_at": "1970-01-01T00:00:03.000Z"},
		},
		"retried": {
			saga.Request{Status: saga.Retrying, Record: saga.Record{Reason: "internal", LastFailure: &saga.Failure{Next: 1000}}},
			map[string]any{"state": "RETRYING", "reason": "internal", "next_attempt_at": "1970-01-01T00:00:01.000Z"},
		},
		"refused": {
			saga.Request{
				Status: saga.Aborted, Record: saga.Record{Reason: "out_of_stock", LastFailure: &saga.Failure{Packed: packed}},
			},
			map[string]any{"state": "ABORTED", "reason": "out_of_stock", "problem": map[string]any{
				"type": "urn:invochain:problem:out_of_stock", "title": "Conflict", "status": 409.0, "detail": "",
				"code": "out_of_stock", "request_id": "r", "retryable": false,
				"errors": []any{map[string]any{"field": "items[0]", "code": "out_of_stock", "message": ""}},
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.request.ID, tc.request.MerchantID = "s", "m"
			now := func() time.Time { return time.Unix(0, 0) }
			h := handler{
				sagas: requestStore{found: tc.request}, guard: callertest.Guard(caller.Clerk, "m"),
				now: now, log: slog.New(slog.DiscardHandler),
			}
			in := lambdaevents.APIGatewayProxyRequest{HTTPMethod: http.MethodGet, Path: "/sagas/s", Resource: "/sagas/{id}"}
			in.RequestContext.RequestID = "r"
			out := httpapi.Invoke(t.Context(), h.router().Handler(), in)
			doc, err := contract.Load(t.Context())
			require.NoError(t, err)
			header := http.Header{"Content-Type": {out.Headers["Content-Type"]}}
			require.NoError(t, doc.Check(t.Context(), http.MethodGet, "/sagas/s", out.StatusCode, header, []byte(out.Body)))
			var got map[string]any
			require.NoError(t, json.Unmarshal([]byte(out.Body), &got))
			for field, value := range tc.want {
				require.Equal(t, value, got[field], field)
			}
		})
	}
}
