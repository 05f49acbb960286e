package awsclient_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/resilience"
)

// server is an AWS endpoint that answers as it is told.
type server struct {
	*httptest.Server
	requests atomic.Int64
}

func serve(t *testing.T, answer http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		_, _ = io.Copy(io.Discard, r.Body) // or the end of a connection would not be noticed
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) load(t *testing.T, o awsclient.Options) aws.Config {
	t.Helper()
	for name, v := range map[string]string{
		"AWS_REGION": "ap-south-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": s.URL,
	} {
		t.Setenv(name, v)
	}
	cfg, err := awsclient.Load(t.Context(), o)
	require.NoError(t, err)
	return cfg
}

func broken(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }

func list(ctx context.Context, cfg aws.Config) error {
	_, err := dynamodb.NewFromConfig(cfg).ListTables(ctx, &dynamodb.ListTablesInput{})
	return err
}

func with(p resilience.Policy) awsclient.Options {
	return awsclient.Options{Policies: map[string]resilience.Policy{awsclient.DynamoDB: p}}
}

func TestACallIsTriedThreeTimes(t *testing.T) {
	s := serve(t, broken)
	var told []string
	o := awsclient.Options{OnRetry: func(_ context.Context, dependency string) { told = append(told, dependency) }}
	require.Error(t, list(t.Context(), s.load(t, o)))
	require.EqualValues(t, 3, s.requests.Load())
	require.Equal(t, []string{awsclient.DynamoDB, awsclient.DynamoDB}, told)
}

func TestAttemptsAreAsTheSDKsVariableSays(t *testing.T) {
	t.Setenv("AWS_MAX_ATTEMPTS", "2")
	s := serve(t, broken)
	require.Error(t, list(t.Context(), s.load(t, awsclient.Options{})))
	require.EqualValues(t, 2, s.requests.Load())
}

// TestRetriesAreNoMoreThanATenthAndAReserve: an outage is not made worse, by all the
// clients of a process together; and it is one dependency's own.
func TestRetriesAreNoMoreThanATenthAndAReserve(t *testing.T) {
	var well atomic.Bool
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !well.Load() {
			broken(w, r)
		} else {
			_, _ = w.Write([]byte(`{}`))
		}
	})
	cfg := s.load(t, awsclient.Options{})
	for range 30 {
		require.Error(t, list(t.Context(), cfg))
	}
	require.EqualValues(t, 30+5, s.requests.Load())
	_, err := sqs.NewFromConfig(cfg).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	require.Error(t, err)
	require.EqualValues(t, 30+5+3, s.requests.Load(), "the queues have their own")

	well.Store(true)
	for range 20 {
		require.NoError(t, list(t.Context(), cfg))
	}
	well.Store(false)
	s.requests.Store(0)
	for range 10 {
		require.Error(t, list(t.Context(), cfg))
	}
	require.EqualValues(t, 10+2, s.requests.Load(), "twenty calls earned two")
}

func TestNoRetryWithoutTimeForIt(t *testing.T) {
	s := serve(t, broken)
	cfg := s.load(t, with(resilience.Policy{Timeout: 150 * time.Millisecond}))
	require.Error(t, list(t.Context(), cfg))
	require.EqualValues(t, 1, s.requests.Load())
}

func TestACallThatIsMadeOnce(t *testing.T) {
	s := serve(t, broken)
	require.Error(t, list(resilience.WithoutRetries(t.Context()), s.load(t, awsclient.Options{})))
	require.EqualValues(t, 1, s.requests.Load())
}

func TestAHangingAttemptLeavesTimeForAnother(t *testing.T) {
	var once sync.Once
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		hang := false
		once.Do(func() { hang = true })
		if hang {
			<-r.Context().Done()
			return
		}
		_, _ = w.Write([]byte(`{}`))
	})
	require.NoError(t, list(t.Context(), s.load(t, with(resilience.Policy{Timeout: time.Minute, Attempt: 50 * time.Millisecond}))))
	require.EqualValues(t, 2, s.requests.Load())
}

func TestACallEndsWithItsTimeout(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	patient, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := list(patient, s.load(t, with(resilience.Policy{Timeout: 50 * time.Millisecond, Attempt: time.Hour})))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, patient.Err(), "not the caller's")
	require.True(t, dynamo.OutcomeUnknown(err), "it may have been carried out")
}

func TestOneCallTooManyIsRefused(t *testing.T) {
	arrived, leave := make(chan struct{}, 1), make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-leave
		_, _ = w.Write([]byte(`{}`))
	})
	rejected := ""
	o := with(resilience.Policy{InFlight: 1, Queue: time.Millisecond, Timeout: time.Minute})
	o.OnReject = func(_ context.Context, dependency string) { rejected = dependency }
	cfg := s.load(t, o)
	var wg sync.WaitGroup
	wg.Go(func() { _ = list(t.Context(), cfg) })
	<-arrived
	require.ErrorIs(t, list(t.Context(), cfg), bulkhead.ErrFull)
	require.Equal(t, awsclient.DynamoDB, rejected)
	require.EqualValues(t, 1, s.requests.Load())
	close(leave)
	wg.Wait()
	require.NoError(t, list(t.Context(), cfg), "the place is free again")
}

func TestRead(t *testing.T) {
	vars := map[string]string{"INVOCHAIN_SQS_TIMEOUT_MS": "700", "INVOCHAIN_INVENTORY_TIMEOUT_MS": "3000", "INVOCHAIN_EVENTS_IN_FLIGHT": "3"}
	r := env.New(func(name string) string { return vars[name] })
	o := awsclient.OptionsFromEnv(r)
	require.NoError(t, r.Err())
	require.Equal(t, 350*time.Millisecond, o.Policies[awsclient.SQS].WithDefaults().Attempt)
	require.Equal(t, 3*time.Second, o.Policies[awsclient.Inventory].WithDefaults().Attempt, "one attempt may take it all")
	require.Equal(t, 3, o.Policies[awsclient.Events].WithDefaults().InFlight)
	require.Equal(t, resilience.Policy{Timeout: 5 * time.Second, Attempt: 2500 * time.Millisecond, InFlight: 64, Queue: 100 * time.Millisecond}, o.Policies[awsclient.DynamoDB].WithDefaults())
	bad := env.New(func(string) string { return "soon" })
	awsclient.OptionsFromEnv(bad)
	require.ErrorContains(t, bad.Err(), "INVOCHAIN_DYNAMODB_IN_FLIGHT")
}
