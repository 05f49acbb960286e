package awsclient_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/resilience"
)

func TestACallIsTriedThreeTimes(t *testing.T) {
	f := setup(t, fail)
	var retries []string
	o := awsclient.Options{OnRetry: func(_ context.Context, dependency string) { retries = append(retries, dependency) }}
	require.Error(t, list(t.Context(), f.load(t, o)))
	require.EqualValues(t, 3, f.requests.Load())
	require.Equal(t, []string{awsclient.DynamoDB, awsclient.DynamoDB}, retries)
}

func TestTheSDKsVariableSetsTheAttempts(t *testing.T) {
	t.Setenv("AWS_MAX_ATTEMPTS", "2")
	f := setup(t, fail)
	require.Error(t, list(t.Context(), f.load(t, awsclient.Options{})))
	require.EqualValues(t, 2, f.requests.Load())
}

// TestRetriesAreNoMoreThanATenthAndAReserve: retries do not make an outage worse. All
// clients of a process share one budget for each dependency.
func TestRetriesAreNoMoreThanATenthAndAReserve(t *testing.T) {
	var healthy atomic.Bool
	f := setup(t, func(w http.ResponseWriter, r *http.Request) {
		if healthy.Load() {
			succeed(w, r)
		} else {
			fail(w, r)
		}
	})
	cfg := f.load(t, awsclient.Options{})
	for range 30 {
		require.Error(t, list(t.Context(), cfg))
	}
	require.EqualValues(t, 30+5, f.requests.Load())
	_, err := sqs.NewFromConfig(cfg).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	require.Error(t, err)
	require.EqualValues(t, 30+5+3, f.requests.Load(), "SQS has a budget of its own")

	healthy.Store(true)
	for range 20 {
		require.NoError(t, list(t.Context(), cfg))
	}
	healthy.Store(false)
	f.requests.Store(0)
	for range 10 {
		require.Error(t, list(t.Context(), cfg))
	}
	require.EqualValues(t, 10+2, f.requests.Load(), "twenty successes pay for two retries")
}

// TestARetryThatSucceedsIsNotRefunded: else a dependency that fails every first attempt
// would get twice the requests.
func TestARetryThatSucceedsIsNotRefunded(t *testing.T) {
	var n atomic.Int64
	f := setup(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1)%2 == 0 {
			succeed(w, r)
		} else {
			fail(w, r)
		}
	})
	cfg := f.load(t, awsclient.Options{})
	for range 5 {
		require.NoError(t, list(t.Context(), cfg))
	}
	require.Error(t, list(t.Context(), cfg), "the reserve is spent")
	require.EqualValues(t, 2*5+1, f.requests.Load())
}

func TestNoRetryWithoutTimeForIt(t *testing.T) {
	f := setup(t, fail)
	cfg := f.load(t, withPolicy(resilience.Policy{Timeout: 150 * time.Millisecond}))
	require.Error(t, list(t.Context(), cfg))
	require.EqualValues(t, 1, f.requests.Load())
}

func TestACallWithoutRetriesIsMadeOnce(t *testing.T) {
	f := setup(t, fail)
	require.Error(t, list(resilience.WithoutRetries(t.Context()), f.load(t, awsclient.Options{})))
	require.EqualValues(t, 1, f.requests.Load())
}
