package issuance_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slowQueue takes a while for each message, unless the sender cancels.
type slowQueue struct {
	takes time.Duration
	sent  chan error
}

func (q slowQueue) Send(ctx context.Context, _ string, _ any) error {
	select {
	case <-time.After(q.takes):
	case <-ctx.Done():
	}
	q.sent <- ctx.Err()
	return ctx.Err()
}

// TestAuditRequestMayTakeAsLongAsTheCommit: under load both calls are slow, and an audit
// request that is cancelled for it comes a minute late. Only once the commit has returned
// the answer waits no longer than its limit.
func TestAuditRequestMayTakeAsLongAsTheCommit(t *testing.T) {
	t.Parallel()
	const limit = 50 * time.Millisecond
	for name, tc := range map[string]struct {
		audit, commit time.Duration
		sent          error
	}{
		"both are slow":   {audit: 6 * limit, commit: 8 * limit},
		"only it is slow": {audit: time.Minute, sent: context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			queue := slowQueue{tc.audit, make(chan error, 1)}
			f.issuer.Queue, f.issuer.Limits.AuditSend = queue, limit
			f.db.Hook = func(operation string) (bool, error) {
				if operation == "TransactWriteItems" {
					time.Sleep(tc.commit) //nolint:forbidigo // a slow table
				}
				return true, nil
			}
			_, err := f.issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
			require.NoError(t, err)
			require.ErrorIs(t, <-queue.sent, tc.sent)
		})
	}
}
