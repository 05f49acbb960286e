package saga_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/durable/saga/step"
)

// with returns another process's store over the fixture's table.
func (f *fixture) with(cfg saga.Config) *saga.Store {
	cfg.Table = f.table
	return saga.Open(f.db, cfg, func() time.Time { return f.clock })
}

// beginMany opens n sagas and returns their shards, each once.
func (f *fixture) beginMany(t *testing.T, s *saga.Store, n int) []string {
	t.Helper()
	var shards []string
	for i := range n {
		key := idempotency.Key{Scope: t.Name(), ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i)}
		b, err := s.Begin(t.Context(), key, "f", saga.BeginInput{MerchantID: "m"}, idempotency.WaitLimits{})
		require.NoError(t, err)
		shards = append(shards, b.Saga.DueShard)
	}
	slices.Sort(shards)
	return slices.Compact(shards)
}

// TestRecoveryFindsTheSagasOfEverySetting: instances with different numbers of shards run at the same time while
// a setting is rolled out, or back.
func TestRecoveryFindsTheSagasOfEverySetting(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ begins, recovers, shards int }{
		"the default":           {0, 0, 64},
		"raised":                {0, 256, 64},
		"lowered":               {64, 8, 64},
		"rolled out or back":    {8, 64, 8},
		"more than are allowed": {100_000, 100_000, 1024},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			const n = 300
			shards := f.beginMany(t, f.with(saga.Config{DueShards: c.begins}), n)
			require.InDelta(t, min(n, c.shards), len(shards), float64(min(n, c.shards))/5, "they are spread evenly")
			f.clock = f.clock.Add(time.Minute)
			due, err := f.with(saga.Config{DueShards: c.recovers}).Due(t.Context(), n)
			require.NoError(t, err)
			require.Len(t, due, n)
		})
	}
}

// TestSagasOfTheLastVersionAreDue: it put them into four shards, whatever their states.
func TestSagasOfTheLastVersionAreDue(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.stuck(t)
	f.update(t, r, "3")
	f.clock = f.clock.Add(time.Minute)
	due, err := f.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, due, 1)
	_, err = f.Redrive(t.Context(), due[0])
	require.NoError(t, err)
	r, err = f.Load(t.Context(), r.SagaID)
	require.NoError(t, err)
	require.Contains(t, r.DueShard, "failed-", "its next write moves it")
}

// TestABacklogOfAuditsHidesNoFailure: a failed saga comes with the first page, however many committed
// ones have been due for longer; and one that crashed, once those have been asked for their audit again.
func TestABacklogOfAuditsHidesNoFailure(t *testing.T) {
	t.Parallel()
	f := setup(t)
	stuck := f.stuck(t)
	key := idempotency.Key{Scope: "m", ID: "00000000-0000-4000-8000-000000000002"}
	crashed, err := f.Begin(t.Context(), key, "f", saga.BeginInput{MerchantID: "m"}, idempotency.WaitLimits{})
	require.NoError(t, err)
	for shard := range 64 {
		f.putCommitted(t, shard, 20)
	}
	f.clock = f.clock.Add(time.Minute)
	first, err := f.Due(t.Context(), 5)
	require.NoError(t, err)
	require.Equal(t, stuck.SagaID, first[0].SagaID)
	require.False(t, slices.ContainsFunc(first, is(crashed.Saga)))

	committed := 0
	for page, err := range f.DuePages(t.Context(), 50) {
		require.NoError(t, err)
		for _, r := range page {
			if r.State == saga.Committed {
				committed++
				require.NoError(t, f.AuditRetried(t.Context(), r))
			}
		}
	}
	require.Equal(t, 64*20, committed)
	f.clock = f.clock.Add(time.Hour)
	first, err = f.Due(t.Context(), 5)
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(first, is(crashed.Saga)))
}

func is(want saga.Record) func(saga.Record) bool {
	return func(r saga.Record) bool { return r.SagaID == want.SagaID }
}

// stuck returns a saga whose compensation has failed.
func (f *fixture) stuck(t *testing.T) saga.Record {
	t.Helper()
	r := f.compensating(t)
	r, err := f.Settle(t.Context(), r.SagaID, r.Redrive, nil)
	require.NoError(t, err)
	require.Equal(t, saga.Stuck, r.State)
	return r
}

// update puts a saga into a shard.
func (f *fixture) update(t *testing.T, r saga.Record, shard string) {
	t.Helper()
	_, err := f.db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &f.table, Key: idempotency.ItemKey(strings.Split(r.SagaID, "-")[0]),
		UpdateExpression: new("SET due_shard = :s"), ExpressionAttributeValues: dynamo.Item{":s": dynamo.S(shard)},
	})
	require.NoError(t, err)
}

// putCommitted stores n sagas of a shard that wait for their audit, and have been due for an hour.
func (f *fixture) putCommitted(t *testing.T, shard, n int) {
	t.Helper()
	var requests []types.WriteRequest
	for i := range n {
		hash := idempotency.Key{Scope: strconv.Itoa(shard), ID: strconv.Itoa(i)}.Hash()
		item := idempotency.ItemKey(hash)
		item["saga_id"] = dynamo.S(hash + "-aaaaaaaaaa")
		item["state"], item["key_state"] = dynamo.S("COMMITTED"), dynamo.S("DONE")
		item["due"], item["due_shard"] = dynamo.N(f.clock.Add(-time.Hour).UnixMilli()), dynamo.S(strconv.Itoa(shard))
		requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
	}
	_, err := f.db.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{f.table: requests},
	})
	require.NoError(t, err)
}

// TestStatsAreBounded: no more than limit sagas of a shard are counted, and none is read.
func TestStatsAreBounded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	stats, err := f.Stats(t.Context(), 10)
	require.NoError(t, err)
	require.Zero(t, stats)
	f.putCommitted(t, 7, 25)
	f.putCommitted(t, 9, 5)
	f.stuck(t)
	f.db.Forget()
	for limit, want := range map[int]int{10: 16, 1000: 31} {
		stats, err = f.Stats(t.Context(), limit)
		require.NoError(t, err)
		require.Equal(t, saga.Stats{InFlight: want, Stuck: 1, Oldest: time.Hour}, stats)
	}
	require.Empty(t, f.db.Calls(), "no saga was read")
}

// unreadable fails the queries of one shard.
type unreadable struct {
	*dynamotest.Faults
	shard string
}

var errUnreadable = errors.New("throttled")

func (u unreadable) Query(
	ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	if dynamo.Text(in.ExpressionAttributeValues[":shard"]) == u.shard {
		return nil, errUnreadable
	}
	return u.Faults.Query(ctx, in, opts...)
}

// TestAShardThatCannotBeReadHidesNoOther.
func TestAShardThatCannotBeReadHidesNoOther(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.putCommitted(t, 7, 10)
	f.putCommitted(t, 8, 10)
	s := saga.Open(unreadable{f.db, "7"}, saga.Config{Table: f.table}, func() time.Time { return f.clock })
	found, failures := 0, 0
	for page, err := range s.DuePages(t.Context(), 3) {
		found += len(page)
		if err != nil {
			require.ErrorIs(t, err, errUnreadable)
			failures++
		}
	}
	require.Equal(t, 10, found)
	require.Equal(t, 1, failures, "it is not repeated")
	_, err := s.Stats(t.Context(), 10)
	require.ErrorIs(t, err, errUnreadable)
}

// TestStuckSagasAreListed whenever their next redrive is due.
func TestStuckSagasAreListed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	r := f.stuck(t)
	for redrive := range 9 {
		found, err := f.Stuck(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, found, 1, "redrive %d", redrive)
		redriven, err := f.Redrive(t.Context(), found[0])
		require.NoError(t, err)
		found, err = f.Stuck(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, found)
		_, err = f.Settle(t.Context(), r.SagaID, redriven.Redrive, done(step.Delete))
		require.NoError(t, err)
	}
}
