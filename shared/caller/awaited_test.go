package caller_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/resilience"
)

// call is how long each call takes in TestAwaitedCalls.
const call = 20 * time.Millisecond

// bubble is the clock of a test's bubble.
func bubble() time.Time { return time.Now() } //nolint:forbidigo // synctest makes it a fake

// TestAwaitedCalls asserts that the guard adds no awaited call to a request that awaits three of
// its own, as a create does: not on a cold instance, whose start read the keys, nor on one whose
// keys are read again meanwhile. Only an instance that slept for five minutes awaits that read.
func TestAwaitedCalls(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		idle time.Duration // from the start of the process to the request
		want time.Duration // calls that the request awaits
	}{
		"cold":            {call, 3},
		"warm":            {30 * time.Second, 3},
		"known keys old":  {time.Minute, 3},
		"nearly too old":  {5*time.Minute - time.Second, 3},
		"slept":           {5 * time.Minute, 4},
		"slept for a day": {24 * time.Hour, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := setup(t)
				h := f.slowlyGuarded(t)
				require.NoError(t, resilience.Sleep(t.Context(), tc.idle))
				f.now = bubble()
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/invoices", http.NoBody)
				r.Header.Set("Authorization", f.token(t, clerk()))
				w, began := httptest.NewRecorder(), bubble()
				h.ServeHTTP(w, r)
				require.Equal(t, http.StatusOK, w.Code, w.Body)
				require.Equal(t, tc.want, time.Since(began)/call)
			})
		})
	}
}

// slowlyGuarded serves a route that awaits three calls. The reads of its guard and the
// settlements of its limit take as long as one.
func (f *fixture) slowlyGuarded(t *testing.T) http.Handler {
	t.Helper()
	f.now = bubble()
	f.addKey(t)
	v := caller.NewVerifier(caller.Config{
		Issuer: issuer, Audience: audience, Now: bubble,
		Load: func(ctx context.Context) (caller.Known, error) {
			_ = resilience.Sleep(ctx, call)
			return f.load(ctx)
		},
	})
	v.Start(t.Context())
	limits := limit.New(limit.Config{
		Policy: limit.PerMerchant(), Now: bubble,
		Settle: func(ctx context.Context, _ string, _ limit.Charge) (limit.State, error) {
			return limit.State{}, resilience.Sleep(ctx, call)
		},
	})
	guard := caller.Guard{Verifier: v, Limits: limits, Log: slog.New(slog.DiscardHandler)}
	return httpapi.Router{
		Guard: guard.Middleware, Now: bubble, Log: slog.New(slog.DiscardHandler),
		Routes: []httpapi.Route{{
			Method: http.MethodGet, Pattern: "/invoices", Scope: caller.InvoicesRead,
			Handle: func(ctx context.Context, _ httpapi.Request) (httpapi.Response, error) {
				return httpapi.Response{Status: http.StatusOK}, resilience.Sleep(ctx, 3*call)
			},
		}},
	}.Handler()
}
