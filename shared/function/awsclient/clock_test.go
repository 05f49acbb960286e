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

// skewed is a client of the tables whose instance's clock is off, and that clock
// once it has been set.
func skewed(t *testing.T, skew time.Duration) (*dynamodb.Client, *awsclient.Clock) {
	t.Helper()
	clock := awsclient.NewClock(func() time.Time { return time.Now().Add(skew) }) //nolint:forbidigo // real time, as the tables' is
	var cfg aws.Config
	clock.Watch(&cfg)
	client := dynamotest.Client(t, func(o *dynamodb.Options) { o.APIOptions = append(o.APIOptions, cfg.APIOptions...) })
	_, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	return client, clock
}

func TestClocksThatAreOffAgreeWithTheTables(t *testing.T) {
	for _, skew := range []time.Duration{0, 2 * time.Minute, -2 * time.Minute} {
		began := time.Now() //nolint:forbidigo // the true time
		_, clock := skewed(t, skew)
		took := time.Since(began)
		require.WithinDuration(t, time.Now(), clock.Now(), took+time.Second, "%s off", skew) //nolint:forbidigo // the true time
	}
}

func TestARightClockIsLeftAlone(t *testing.T) {
	_, clock := skewed(t, 0)
	before := time.Now() //nolint:forbidigo // the true time
	require.False(t, clock.Now().Before(before))
	require.False(t, clock.Now().After(time.Now())) //nolint:forbidigo // the true time
}

func TestOnlyTheTablesSetTheClock(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Mon, 02 Jan 2006 15:04:05 GMT")
		_, _ = w.Write([]byte(`{}`))
	})
	clock := awsclient.NewClock(time.Now) //nolint:forbidigo // real time
	cfg := s.load(t, awsclient.Options{})
	clock.Watch(&cfg)
	_, err := sqs.NewFromConfig(cfg).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), clock.Now(), time.Minute) //nolint:forbidigo // real time
	_, err = dynamodb.NewFromConfig(cfg).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
	require.Equal(t, 2006, clock.Now().Year())
}

// TestABreakerOfInstancesWhoseClocksAreOff: one is two minutes ahead, one as much
// behind. What either opens, the other keeps shut for Reset, then there is one probe.
func TestABreakerOfInstancesWhoseClocksAreOff(t *testing.T) {
	const reset, permit = 3 * time.Second, time.Minute
	for name, skew := range map[string]time.Duration{"ahead": 2 * time.Minute, "behind": -2 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			db, wrong := skewed(t, skew)
			other, right := skewed(t, -skew)
			cfg := breaker.Config{Table: dynamotest.Tables(t, db).Platform, Name: "inventory", OpenFor: reset, ProbeTimeout: permit, MinCalls: 2, CacheTTL: time.Millisecond}
			opener, follower := breaker.New(db, cfg, wrong.Now), breaker.New(other, cfg, right.Now)
			admit := func(b *breaker.Breaker) (*breaker.Permit, error) { return b.Acquire(t.Context(), b.State(t.Context())) }
			for range 2 {
				p, err := admit(opener)
				require.NoError(t, err)
				p.RecordFailure(t.Context())
			}
			_, err := admit(follower)
			require.Error(t, err, "it is open")
			var probe *breaker.Permit
			require.Eventually(t, func() bool { probe, err = admit(follower); return err == nil }, 30*time.Second, 100*time.Millisecond)
			require.True(t, probe.Probe())
			_, err = admit(opener)
			require.Error(t, err, "one probe is under way")
			probe.RecordSuccess(t.Context())
			p, err := admit(opener)
			require.NoError(t, err)
			p.RecordSuccess(t.Context())
		})
	}
}
