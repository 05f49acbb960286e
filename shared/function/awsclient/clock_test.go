package awsclient_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/function/awsclient"
)

// skewed returns a DynamoDB client of an instance whose local clock is off by skew, and
// that instance's Clock after a first call has corrected it.
func skewed(t *testing.T, skew time.Duration) (*dynamodb.Client, *awsclient.Clock) {
	t.Helper()
	clock := awsclient.NewClock(func() time.Time { return time.Now().Add(skew) }) //nolint:forbidigo // real, as DynamoDB's
	var cfg aws.Config
	clock.Watch(&cfg)
	client := dynamotest.Client(t, func(o *dynamodb.Options) { o.APIOptions = append(o.APIOptions, cfg.APIOptions...) })
	_, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	return client, clock
}

func TestASkewedClockIsCorrectedToDynamoDBs(t *testing.T) {
	t.Parallel()
	for name, skew := range map[string]time.Duration{"right": 0, "ahead": 2 * time.Minute, "late": -2 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			started := time.Now() //nolint:forbidigo // the true time
			_, clock := skewed(t, skew)
			took := time.Since(started)
			require.WithinDuration(t, time.Now(), clock.Now(), took+time.Second) //nolint:forbidigo // the true time
		})
	}
}

func TestAClockThatIsRightIsNotChanged(t *testing.T) {
	t.Parallel()
	_, clock := skewed(t, 0)
	before := time.Now() //nolint:forbidigo // the true time
	require.False(t, clock.Now().Before(before))
	require.False(t, clock.Now().After(time.Now())) //nolint:forbidigo // the true time
}

func TestOnlyDynamoDBCorrectsTheClock(t *testing.T) {
	f := setup(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "Mon, 02 Jan 2006 15:04:05 GMT")
		succeed(w, r)
	})
	clock := awsclient.NewClock(time.Now) //nolint:forbidigo // real time
	cfg := f.load(t, awsclient.Options{})
	clock.Watch(&cfg)
	_, err := sqs.NewFromConfig(cfg).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), clock.Now(), time.Minute) //nolint:forbidigo // real time
	require.NoError(t, list(t.Context(), cfg))
	require.Equal(t, 2006, clock.Now().Year())
}

// TestABreakerOfInstancesWhoseClocksAreOff: one clock is two minutes ahead, the other two
// minutes late. What either opens, the other keeps open for OpenFor; then one probe runs.
func TestABreakerOfInstancesWhoseClocksAreOff(t *testing.T) {
	t.Parallel()
	for name, skew := range map[string]time.Duration{"ahead": 2 * time.Minute, "late": -2 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, wrong := skewed(t, skew)
			otherDB, right := skewed(t, -skew)
			cfg := breaker.Config{
				Table: dynamotest.Tables(t, db).Platform, Name: "inventory", OpenFor: 3 * time.Second,
				ProbeTimeout: time.Minute, MinCalls: 2, CacheTTL: time.Millisecond,
			}
			opener, follower := breaker.New(db, cfg, wrong.Now), breaker.New(otherDB, cfg, right.Now)
			acquire := func(b *breaker.Breaker) (*breaker.Permit, error) {
				return b.Acquire(t.Context(), b.State(t.Context()))
			}
			for range 2 {
				p, err := acquire(opener)
				require.NoError(t, err)
				p.RecordFailure(t.Context())
			}
			_, err := acquire(follower)
			require.Error(t, err, "the breaker is open")
			var probe *breaker.Permit
			require.Eventually(t, func() bool {
				probe, err = acquire(follower)
				return err == nil
			}, 30*time.Second, 100*time.Millisecond)
			require.True(t, probe.Probe())
			_, err = acquire(opener)
			require.Error(t, err, "one probe is running")
			probe.RecordSuccess(t.Context())
			p, err := acquire(opener)
			require.NoError(t, err)
			p.RecordSuccess(t.Context())
		})
	}
}
