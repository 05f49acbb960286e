package awsclient_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/resilience"
)

func TestAHangingAttemptLeavesTimeForAnother(t *testing.T) {
	var once sync.Once
	f := setup(t, func(w http.ResponseWriter, r *http.Request) {
		hang := false
		once.Do(func() { hang = true })
		if hang {
			<-r.Context().Done()
			return
		}
		succeed(w, r)
	})
	cfg := f.load(t, withPolicy(resilience.Policy{Timeout: time.Minute, AttemptTimeout: 50 * time.Millisecond}))
	require.NoError(t, list(t.Context(), cfg))
	require.EqualValues(t, 2, f.requests.Load())
}

func TestACallEndsWithItsTimeout(t *testing.T) {
	f := setup(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	cfg := f.load(t, withPolicy(resilience.Policy{Timeout: 50 * time.Millisecond, AttemptTimeout: time.Hour}))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := list(ctx, cfg)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, ctx.Err(), "the caller's own deadline has not passed")
	require.True(t, dynamo.OutcomeUnknown(err), "the request may have been carried out")
}

func TestOneCallTooManyIsRefused(t *testing.T) {
	arrived, proceed := make(chan struct{}, 2), make(chan struct{})
	release := sync.OnceFunc(func() { close(proceed) })
	defer release()
	f := setup(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-proceed
		succeed(w, r)
	})
	rejected := ""
	o := withPolicy(resilience.Policy{MaxInFlight: 1, MaxWait: time.Millisecond, Timeout: time.Minute})
	o.OnReject = func(_ context.Context, dependency string) { rejected = dependency }
	cfg := f.load(t, o)
	var wg sync.WaitGroup
	wg.Go(func() { _ = list(t.Context(), cfg) })
	<-arrived
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	require.ErrorIs(t, list(ctx, cfg), awsclient.ErrBulkheadFull)
	require.Equal(t, awsclient.DynamoDB, rejected)
	require.EqualValues(t, 1, f.requests.Load())
	release()
	wg.Wait()
	require.NoError(t, list(t.Context(), cfg), "the slot is free again")
}

func TestACallGetsASlotThatBecomesFreeInTime(t *testing.T) {
	arrived, proceed := make(chan struct{}, 2), make(chan struct{})
	f := setup(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-proceed
		succeed(w, r)
	})
	cfg := f.load(t, withPolicy(resilience.Policy{MaxInFlight: 1, MaxWait: time.Minute, Timeout: time.Minute}))
	errs := make(chan error, 2)
	for range 2 {
		go func() { errs <- list(t.Context(), cfg) }()
	}
	<-arrived
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, list(ctx, cfg), context.DeadlineExceeded, "the caller's deadline bounds the wait")
	require.EqualValues(t, 1, f.requests.Load())
	close(proceed)
	require.NoError(t, <-errs)
	require.NoError(t, <-errs)
}
