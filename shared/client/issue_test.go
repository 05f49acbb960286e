package client_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestIssueRetriesUnderOneKey: no token, a fault, a busy item, then the invoice.
func TestIssueRetriesUnderOneKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{answer: func(n int) answer {
			return []answer{{502, "", ""}, {503, "", "7"}, {409, "", "1"}, {201, "", ""}}[n-1]
		}}
		f.grant = func() answer {
			f.grant = nil
			return answer{503, "", "3"}
		}
		began := time.Now() //nolint:forbidigo // the bubble's clock
		r, err := f.client().Issue(t.Context(), "k", []byte("{}"), 8)
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, r.Status)
		require.Equal(t, []string{"Bearer T2 k {}", "Bearer T2 k {}", "Bearer T2 k {}", "Bearer T2 k {}"}, f.calls)
		require.GreaterOrEqual(t, time.Since(began), 12*time.Second, "each Retry-After, and 1 s for the 502")
		require.Less(t, time.Since(began), 18*time.Second)
	})
}

func TestIssueEnds(t *testing.T) {
	t.Parallel()
	busy := answer{503, "", "10"}
	shortOfStock := answer{409, `{"code":"out_of_stock","retryable":true}`, ""}
	for name, tc := range map[string]struct {
		answer   answer
		attempts int
		limit    time.Duration
		sent     int
		want     error
	}{
		"at its attempts":    {busy, 3, time.Hour, 3, nil},
		"after one at least": {busy, 0, time.Hour, 1, nil},
		"with its context":   {busy, 8, 5 * time.Second, 1, context.DeadlineExceeded},
		"at a final answer":  {shortOfStock, 8, time.Hour, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fixture{answer: func(int) answer { return tc.answer }}
				ctx, cancel := context.WithTimeout(t.Context(), tc.limit)
				defer cancel()
				r, err := f.client().Issue(ctx, "k", nil, tc.attempts)
				require.ErrorIs(t, err, tc.want)
				require.Equal(t, tc.answer.status, r.Status)
				require.Len(t, f.calls, tc.sent)
			})
		})
	}
}

// TestIssueWithAWrongSecret asks once.
func TestIssueWithAWrongSecret(t *testing.T) {
	t.Parallel()
	f := &fixture{}
	r, err := f.client().WithCredentials("cl_1", "another").Issue(t.Context(), "k", nil, 8)
	require.ErrorContains(t, err, "invalid_client")
	require.Equal(t, http.StatusUnauthorized, r.Status)
	require.Equal(t, 1, f.asked)
	require.Empty(t, f.calls)
}
