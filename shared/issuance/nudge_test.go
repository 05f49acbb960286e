package issuance_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slowQueue takes a while for each message, or until the sender gives up.
type slowQueue struct {
	takes time.Duration
	sent  chan error
}

func (q slowQueue) Send(ctx context.Context, _ any) error {
	select {
	case <-time.After(q.takes):
	case <-ctx.Done():
	}
	q.sent <- ctx.Err()
	return ctx.Err()
}

// TestNudgeMayTakeAsLongAsTheCommit: what is slow under load is slow for both, and a
// nudge that is given up for it comes a minute late. Only a committed answer waits no
// longer than its limit.
func TestNudgeMayTakeAsLongAsTheCommit(t *testing.T) {
	const limit = 50 * time.Millisecond
	for name, tc := range map[string]struct {
		nudge, commit time.Duration
		sent          error
	}{
		"both are slow":     {nudge: 6 * limit, commit: 8 * limit},
		"the nudge is slow": {nudge: time.Minute, sent: context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			queue := slowQueue{tc.nudge, make(chan error, 1)}
			w.issuer.Queue, w.issuer.Limits.AuditSend = queue, limit
			w.db.Hook = func(operation string) (bool, error) {
				if operation == "TransactWriteItems" {
					time.Sleep(tc.commit) //nolint:forbidigo // a slow table
				}
				return true, nil
			}
			_, err := w.issuer.Issue(t.Context(), key(1), request(t, "A-1", "SKU", 1))
			require.NoError(t, err)
			require.ErrorIs(t, <-queue.sent, tc.sent)
		})
	}
}
