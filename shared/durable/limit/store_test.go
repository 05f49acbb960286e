package limit_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/limit"
)

const key = "merchant#" + merchant

// table is a Store on DynamoDB Local, with a clock that the test sets.
type table struct {
	*limit.Store

	db   *dynamotest.Faults
	name string
	now  time.Time
}

func open(t *testing.T) *table {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	s := &table{db: db, name: dynamotest.Tables(t, db.Client).Platform, now: time.Unix(1_767_323_045, 123_456_789)}
	s.Store = limit.NewStore(db, s.name, func() time.Time { return s.now })
	return s
}

// charge returns a charge of n requests at 50 a second.
func (s *table) charge(n int) limit.Charge {
	return limit.Charge{
		Amount: time.Duration(n) * 20 * time.Millisecond, Since: s.now, Now: s.now, Limit: s.now.Add(2 * time.Second),
	}
}

// ttl returns when the item may be deleted.
func (s *table) ttl(t *testing.T) string {
	t.Helper()
	return dynamo.Number(s.item(t)["ttl"])
}

func (s *table) item(t *testing.T) dynamo.Item {
	t.Helper()
	out, err := s.db.Client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &s.name, Key: dynamo.Key("RATE#"+key, "RATE"),
	})
	require.NoError(t, err)
	return out.Item
}

// The two updates do what the closed formula does, whichever comes first.
func TestSettleIsTheFormula(t *testing.T) {
	t.Parallel()
	s, random := open(t), rand.New(rand.NewPCG(1, 2))
	var tat time.Time
	moved, started, left := 0, 0, 0
	for i := range 300 {
		c := s.charge(1 + random.IntN(30))
		c.Since = s.now.Add(-time.Duration(random.IntN(1000)) * time.Millisecond)
		c.Limit = s.now.Add(time.Duration(random.IntN(2000)) * time.Millisecond)
		c.Ahead = random.IntN(2) == 0
		next := move(tat, c)
		switch {
		case next.Equal(c.Since.Add(c.Amount)):
			started++
		case next.Equal(tat):
			left++
		default:
			moved++
		}
		tat = next
		state, err := s.Settle(t.Context(), key, c)
		require.NoError(t, err)
		require.True(t, tat.Equal(state.TAT), "step %d: %s, not %s", i, state.TAT, tat)
		s.now = s.now.Add(time.Duration(random.IntN(700)) * time.Millisecond)
		if random.IntN(50) == 0 {
			s.now = s.now.Add(-time.Hour) // the clock was wrong until now
		}
	}
	require.Greater(t, moved, 30)
	require.Greater(t, started, 30)
	require.Greater(t, left, 10)
}

func TestSettleTakesOneWriteIfTheGuessIsRight(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, tc := range []struct {
		ahead  bool
		later  time.Duration
		writes int
	}{{false, 0, 1}, {true, 0, 1}, {false, 0, 2}, {true, time.Second, 2}, {false, time.Second, 1}} {
		s.now = s.now.Add(tc.later)
		c := s.charge(1)
		c.Ahead = tc.ahead
		s.db.Forget()
		_, err := s.Settle(t.Context(), key, c)
		require.NoError(t, err)
		require.Len(t, s.db.Calls(), tc.writes, "%+v", tc)
	}
}

func TestSettleReturnsWhatFailed(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.db.Hook = func(string) (bool, error) { return false, dynamotest.ErrLost }
	_, err := s.Settle(t.Context(), key, s.charge(1))
	require.ErrorIs(t, err, dynamotest.ErrLost)
	require.Len(t, s.db.Calls(), 1, "it may have landed")
	s.db.Forget()
	s.db.Hook = func(string) (bool, error) { return false, &types.ConditionalCheckFailedException{} }
	_, err = s.Settle(t.Context(), key, s.charge(1))
	require.ErrorContains(t, err, "contention")
	require.Len(t, s.db.Calls(), 3)
}

func TestAnItemEndsAnHourAfterTheLastRequest(t *testing.T) {
	t.Parallel()
	s := open(t)
	for range 2 {
		_, err := s.Settle(t.Context(), key, s.charge(1))
		require.NoError(t, err)
		require.Equal(t, dynamo.Number(dynamo.N(s.now.Add(time.Hour).Unix())), s.ttl(t))
		s.now = s.now.Add(time.Minute)
	}
}

func TestAnOverrideLastsUntilItIsCleared(t *testing.T) {
	t.Parallel()
	s, rate := open(t), limit.Rate{PerSecond: 200, Burst: 400}
	state, err := s.SetRate(t.Context(), key, rate, "asha", "sale until Friday")
	require.NoError(t, err)
	require.Equal(t, limit.State{
		Override: rate, ChangedAt: time.UnixMilli(s.now.UnixMilli()), ChangedBy: "asha", Reason: "sale until Friday",
	}, state)
	state, err = s.Settle(t.Context(), key, s.charge(3))
	require.NoError(t, err)
	require.Equal(t, rate, state.Override, "a settlement returns it")
	require.Equal(t, "253402300799", s.ttl(t), "a settlement does not end it")
	read, err := s.Read(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, state, read)

	state, err = s.ClearRate(t.Context(), key, "ravi", "the sale has ended")
	require.NoError(t, err)
	require.Zero(t, state.Override)
	require.Equal(t, "ravi", state.ChangedBy)
	require.Equal(t, read.TAT, state.TAT)
	require.Equal(t, dynamo.Number(dynamo.N(s.now.Add(time.Hour).Unix())), s.ttl(t))
}

func TestALateChangeDoesNotUndoALaterOne(t *testing.T) {
	t.Parallel()
	s, rate := open(t), limit.Rate{PerSecond: 200, Burst: 400}
	for range 2 {
		_, err := s.SetRate(t.Context(), key, rate, "asha", "sale")
		require.NoError(t, err, "the second is a repetition")
	}
	s.now = s.now.Add(-time.Millisecond)
	_, err := s.ClearRate(t.Context(), key, "ravi", "the sale has ended")
	require.ErrorContains(t, err, "later")
	read, err := s.Read(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, rate, read.Override)
}

func TestSetRateRefuses(t *testing.T) {
	t.Parallel()
	s := open(t)
	for name, tc := range map[string]struct {
		rate    limit.Rate
		by, why string
		want    string
	}{
		"no rate":          {limit.Rate{Burst: 1}, "asha", "sale", "from 1 to 10000"},
		"a negative rate":  {limit.Rate{PerSecond: -1, Burst: 1}, "asha", "sale", "from 1 to 10000"},
		"too high a rate":  {limit.Rate{PerSecond: 10_001, Burst: 1}, "asha", "sale", "from 1 to 10000"},
		"no burst":         {limit.Rate{PerSecond: 1}, "asha", "sale", "from 1 to 60"},
		"too long a burst": {limit.Rate{PerSecond: 2, Burst: 121}, "asha", "sale", "from 1 to 120"},
		"no operator":      {limit.PerMerchant().Rate, "", "sale", "operator"},
		"no reason":        {limit.PerMerchant().Rate, "asha", "", "reason"},
		"an essay":         {limit.PerMerchant().Rate, "asha", strings.Repeat("x", 497), "500 bytes"},
	} {
		_, err := s.SetRate(t.Context(), key, tc.rate, tc.by, tc.why)
		require.ErrorContains(t, err, tc.want, name)
	}
	require.Empty(t, s.db.Calls())
	state, err := s.Read(t.Context(), key)
	require.NoError(t, err)
	require.Zero(t, state)
}

// The whole item stays below the kilobyte that a write unit pays for.
func TestASettlementIsOneWriteUnit(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, err := s.SetRate(t.Context(), key, limit.Rate{PerSecond: 10_000, Burst: 600_000}, "asha", strings.Repeat("x", 496))
	require.NoError(t, err)
	_, err = s.Settle(t.Context(), key, s.charge(1))
	require.NoError(t, err)
	size := 0
	for name, value := range s.item(t) {
		size += len(name) + max(len(dynamo.Text(value)), len(dynamo.Number(value)))
	}
	require.Less(t, size, 800, "it leaves room for an id")
}

// Two processes on one table: what one admits, the other knows after its next settlement.
func TestLimitersShareTheTable(t *testing.T) {
	t.Parallel()
	s := open(t)
	process := func() *limit.Limiter {
		return limit.New(limit.Config{
			Policy: limit.Policy{Name: "merchant", Rate: limit.Rate{PerSecond: 1, Burst: 3}}, Settle: s.Settle,
			Now: func() time.Time { return s.now },
		})
	}
	request := func(t *testing.T, l *limit.Limiter) limit.Decision {
		t.Helper()
		d := l.Allow(t.Context(), merchant)
		for range 50 {
			d.Join(t.Context()) // at most 100 ms
		}
		return d
	}
	first, second := process(), process()
	for range 2 {
		require.True(t, request(t, first).Allowed)
		s.now = s.now.Add(250 * time.Millisecond)
	}
	require.True(t, request(t, second).Allowed)
	require.True(t, request(t, first).Allowed, "by what it alone admitted, and it learns")
	require.False(t, request(t, first).Allowed)
}
