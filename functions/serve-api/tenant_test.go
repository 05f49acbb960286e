package main

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
)

// profiles is a store in which every merchant exists. It records the puts.
type profiles struct{ put, replaced string }

func (p *profiles) Get(_ context.Context, id string) (merchant.Profile, error) {
	return merchant.Profile{ID: id, Name: "N", GSTIN: "27AABCU9603R1ZN", FinalAt: "2025-12-01T00:12:00.000Z"}, nil
}

func (p *profiles) Put(_ context.Context, m merchant.Profile) error {
	p.put = m.ID
	return nil
}

func (p *profiles) Replace(_ context.Context, m merchant.Profile) error {
	p.replaced = m.ID
	return nil
}

// TestAnothersRecordsDoNotExist: whatever their id, to a merchant they are not there.
func TestAnothersRecordsDoNotExist(t *testing.T) {
	t.Parallel()
	l := setupList(t)
	l.issue(t, 1, nil)
	l.sagas = requestStore{found: saga.Request{Record: saga.Record{MerchantID: "m"}}}
	l.merchants = &profiles{}
	id := invoice.IDFromSaga("saga-1")
	const profile = `{"name":"N","gstin":"27AABCU9603R1ZN"}`
	for name, tc := range map[string]struct {
		method, path, body string
		own, others        int
	}{
		"invoice": {http.MethodGet, "/invoices/" + id, "", 200, 404},
		"saga":    {http.MethodGet, "/sagas/s", "", 200, 404},
		"profile": {http.MethodGet, "/merchants/m", "", 200, 404},
		"change":  {http.MethodPut, "/merchants/m", profile, 200, 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for merchantID, want := range map[string]int{"m": tc.own, "other": tc.others} {
				l := l
				l.guard = callertest.Guard(caller.Admin, merchantID)
				r := httpapi.Invoke(t.Context(), l.router().Handler(), lambdaevents.APIGatewayProxyRequest{
					HTTPMethod: tc.method, Path: tc.path, Body: tc.body,
					Headers: map[string]string{"Content-Type": "application/json"},
				})
				require.Equal(t, want, r.StatusCode, r.Body)
			}
		})
	}
}

// TestWhoCreatesAMerchant: an admin changes its own, an operator creates too.
func TestWhoCreatesAMerchant(t *testing.T) {
	t.Parallel()
	for role, want := range map[caller.Role]profiles{caller.Admin: {replaced: "m"}, caller.Operator: {put: "m"}} {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			p := &profiles{}
			h := handler{
				merchants: p, guard: callertest.Guard(role, "m"),
				now: func() time.Time { return time.Unix(0, 0) }, log: slog.New(slog.DiscardHandler),
			}
			r := httpapi.Invoke(t.Context(), h.router().Handler(), lambdaevents.APIGatewayProxyRequest{
				HTTPMethod: http.MethodPut, Path: "/merchants/m", Body: `{"name":"N","gstin":"27AABCU9603R1ZN"}`,
				Headers: map[string]string{"Content-Type": "application/json"},
			})
			require.Equal(t, http.StatusOK, r.StatusCode, r.Body)
			require.Equal(t, want, *p)
			require.Contains(t, r.Body, `"final_at":"2025-12-01T00:12:00.000Z"`, "the merchant as stored")
		})
	}
}
