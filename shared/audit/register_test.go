package audit_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

func TestTheRegisterOfAPeriod(t *testing.T) {
	t.Parallel()
	f := setup(t)
	all := entries(0, 200)
	for i := range all {
		if i%3 == 0 {
			all[i].Date = "2026-10-31"
		}
		if i%5 == 0 {
			all[i].MerchantID = "other"
		}
	}
	require.NoError(t, f.Append(t.Context(), all))
	for _, merchant := range []string{"m", "other"} {
		for _, period := range []string{"2026-10", "2026-11", "2026-12"} {
			want := slices.DeleteFunc(slices.Clone(all), func(e audit.Entry) bool {
				return e.MerchantID != merchant || e.Period() != period
			})
			register, err := f.Register(t.Context(), merchant, period)
			require.NoError(t, err)
			require.Len(t, register, len(want))
			for i, e := range register {
				require.Equal(t, want[i].ID, e.ID, "in the order of their places")
			}
		}
	}
}

func TestFindOneEntry(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.Append(t.Context(), entries(0, 10)))
	e, there, err := f.Find(t.Context(), "m", "2026-11", "saga-007")
	require.NoError(t, err)
	require.True(t, there)
	require.Equal(t, int64(7), e.Place)
	for _, of := range [][3]string{
		{"m", "2026-11", "saga-010"}, {"m", "2026-10", "saga-007"}, {"o", "2026-11", "saga-007"},
	} {
		_, there, err = f.Find(t.Context(), of[0], of[1], of[2])
		require.NoError(t, err)
		require.False(t, there)
	}
}

// TestARegisterThatIsReadDuringAppends has each entry that was acknowledged before the read began,
// each once, and nothing else.
func TestARegisterThatIsReadDuringAppends(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for w := range 3 {
		writers.Go(func() {
			for n := range 12 {
				batch := entries(w*1000+n*20, w*1000+n*20+1+rand.IntN(20))
				if f.Append(t.Context(), batch) != nil {
					continue
				}
				mu.Lock()
				for _, e := range batch {
					acknowledged[e.ID] = true
				}
				mu.Unlock()
			}
		})
	}
	failures := make(chan string, 1000)
	readers.Go(func() {
		for {
			mu.Lock()
			want := make([]string, 0, len(acknowledged))
			for id := range acknowledged {
				want = append(want, id)
			}
			mu.Unlock()
			register, err := f.Register(t.Context(), "m", "2026-11")
			if err != nil {
				failures <- err.Error()
				return
			}
			seen := map[string]bool{}
			for i, e := range register {
				if seen[e.ID] || i > 0 && register[i-1].Place >= e.Place {
					failures <- e.ID + " again, or out of order"
				}
				seen[e.ID] = true
			}
			for _, id := range want {
				if !seen[id] {
					failures <- id + " is not in it"
				}
			}
			select {
			case <-done:
				return
			default:
			}
		}
	})
	writers.Wait()
	close(done)
	readers.Wait()
	close(failures)
	for failure := range failures {
		t.Error(failure)
	}
	register, err := f.Register(t.Context(), "m", "2026-11")
	require.NoError(t, err)
	require.Len(t, register, len(acknowledged))
}

// TestReadsAreConsistent: all that answers about the log reads the table, strongly consistent.
func TestReadsAreConsistent(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.Append(t.Context(), entries(0, 3)))
	reads := &consistency{Faults: f.db}
	log := audit.New(reads, audit.Config{Table: f.table, Now: now})
	_, err := log.Register(t.Context(), "m", "2026-11")
	require.NoError(t, err)
	_, err = log.Range(t.Context(), 0, 3)
	require.NoError(t, err)
	_, _, err = log.Find(t.Context(), "m", "2026-11", "saga-001")
	require.NoError(t, err)
	require.Positive(t, reads.all.Load())
	require.Zero(t, reads.weak.Load())
}

// consistency counts the reads, and those that are not strongly consistent.
type consistency struct {
	*dynamotest.Faults

	all, weak atomic.Int64
}

func (c *consistency) count(consistent *bool) {
	c.all.Add(1)
	if consistent == nil || !*consistent {
		c.weak.Add(1)
	}
}

func (c *consistency) Query(
	ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	c.count(in.ConsistentRead)
	return c.Faults.Query(ctx, in, o...)
}

func (c *consistency) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	c.count(in.ConsistentRead)
	return c.Faults.GetItem(ctx, in, o...)
}

func (c *consistency) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	for _, keys := range in.RequestItems {
		c.count(keys.ConsistentRead)
	}
	return c.Faults.BatchGetItem(ctx, in, o...)
}
