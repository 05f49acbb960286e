package idempotency_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/conflict"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// contended is a store with the real clock whose writes meet transactions, as on AWS.
type contended struct {
	*idempotency.Store
	db        *dynamodb.Client
	transport *conflict.Transport
	table     string
	key       idempotency.Key
}

// setupContended returns a store whose transactions hold their items for twice as long as held.
func setupContended(t *testing.T, held time.Duration) *contended {
	t.Helper()
	c := &contended{key: idempotency.Key{Scope: "m", ID: "00000000-0000-4000-8000-000000000001"}}
	c.db, c.transport = dynamotest.ConflictingClient(t, held, held)
	c.table = dynamotest.Tables(t, c.db).Platform
	c.Store = c.withLease(15 * time.Second)
	return c
}

func (c *contended) withLease(lease time.Duration) *idempotency.Store {
	cfg := idempotency.Config{Table: c.table, Lease: lease}
	return idempotency.New(c.db, cfg, time.Now) //nolint:forbidigo // the transactions take real time
}

func (c *contended) claim(t *testing.T) idempotency.Result {
	t.Helper()
	limits := idempotency.WaitLimits{InProgress: 10 * time.Second}
	res, err := c.ClaimOrWait(t.Context(), c.key, fingerprint, idempotency.Attributes{}, limits)
	require.NoError(t, err)
	return res
}

// transact sends a change in a transaction and returns once the transaction holds the key.
func (c *contended) transact(t *testing.T, change idempotency.Change) <-chan error {
	t.Helper()
	item, err := change.InTransaction(c.table)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		_, err := c.db.TransactWriteItems(context.WithoutCancel(t.Context()), &dynamodb.TransactWriteItemsInput{
			TransactItems: []types.TransactWriteItem{item},
		})
		done <- err
	}()
	require.Eventually(t, func() bool { return c.transport.Held() > 0 }, 10*time.Second, time.Millisecond)
	return done
}

// TestADuplicateDuringTheCommitSharesTheAnswer also when the transaction outlasts all attempts
// to claim the key.
func TestADuplicateDuringTheCommitSharesTheAnswer(t *testing.T) {
	t.Parallel()
	for name, held := range map[string]time.Duration{"short": 100 * time.Millisecond, "long": time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := setupContended(t, held)
			first := c.claim(t)
			committed := c.transact(t, completion(t, c.Store, first.Claim, "answer"))
			res := c.claim(t)
			require.NoError(t, <-committed)
			require.Equal(t, idempotency.Replay, res.Status)
			require.Equal(t, "answer", answer(t, c.key, res))
		})
	}
}

// TestATakeoverThatMeetsATransaction waits for the transaction: if its owner's commit lands, it
// shares the answer, and if its owner releases the key, it claims it.
func TestATakeoverThatMeetsATransaction(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*testing.T, *contended, idempotency.Claim) idempotency.Change
		status idempotency.Status
	}{
		"commit": {func(t *testing.T, c *contended, o idempotency.Claim) idempotency.Change {
			t.Helper()
			return completion(t, c.Store, o, "answer")
		}, idempotency.Replay},
		"release": {func(_ *testing.T, c *contended, o idempotency.Claim) idempotency.Change {
			return c.Release(o)
		}, idempotency.Acquired},
	} {
		for _, held := range []time.Duration{100 * time.Millisecond, time.Second} {
			t.Run(name+" "+held.String(), func(t *testing.T) {
				t.Parallel()
				c := setupContended(t, held)
				first, err := c.withLease(time.Millisecond).Claim(t.Context(), c.key, fingerprint, idempotency.Attributes{})
				require.NoError(t, err)
				time.Sleep(5 * time.Millisecond) //nolint:forbidigo // its lease expires
				done := c.transact(t, tc.change(t, c, first.Claim))
				res := c.claim(t)
				require.NoError(t, <-done)
				require.Equal(t, tc.status, res.Status)
				require.False(t, res.Claim.Resumed)
			})
		}
	}
}
