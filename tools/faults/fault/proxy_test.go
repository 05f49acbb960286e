package fault_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tools/faults/fault"
)

func TestCallsGoToTheirService(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.read(t))
	out, err := f.send(t)
	require.NoError(t, err)
	require.Equal(t, "m-1", *out.MessageId)
	require.Equal(t, []string{"{}"}, f.tables.received())
	require.Len(t, f.emulator.received(), 1)
	require.Contains(t, f.emulator.received()[0], "hello")
	require.Empty(t, f.counts(t))
}

func TestDelay(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.Equal(t, http.StatusOK, f.set(t, fault.Rule{Service: fault.DynamoDB, Share: 1, DelayMS: 60}))
	began := time.Now()
	require.NoError(t, f.read(t))
	require.GreaterOrEqual(t, time.Since(began), 60*time.Millisecond)
	require.Len(t, f.tables.received(), 1)
	require.Equal(t, map[string]int{"DynamoDB ListTables late": 1}, f.counts(t))
}

// TestAWriteThatMeetsATransactionIsRefused, as on AWS, if the proxy is told to.
func TestAWriteThatMeetsATransactionIsRefused(t *testing.T) {
	t.Parallel()
	f := setupHolding(t, time.Second)
	landed := make(chan error, 1)
	go func() { landed <- f.update(t, true) }()
	var conflict *dynamotypes.TransactionConflictException
	refused := func() bool { return errors.As(f.update(t, false), &conflict) }
	require.Eventually(t, refused, time.Second, 10*time.Millisecond)
	require.NoError(t, <-landed)
	require.NoError(t, f.update(t, false))
	require.Positive(t, f.counts(t)["DynamoDB write conflict"])
	require.Zero(t, f.counts(t)["DynamoDB write throttled"])
	require.NoError(t, f.read(t))
	_, err := f.send(t)
	require.NoError(t, err, "other services are not affected")
}

// TestRefusals checks that the SDK recognizes each refusal and that nothing is sent.
func TestRefusals(t *testing.T) {
	t.Parallel()
	read := func(t *testing.T, f *fixture) error { t.Helper(); return f.read(t) }
	send := func(t *testing.T, f *fixture) error { t.Helper(); _, err := f.send(t); return err }
	put := func(t *testing.T, f *fixture) error { t.Helper(); return f.put(t) }
	invoke := func(t *testing.T, f *fixture) error { t.Helper(); return f.invoke(t) }
	for _, c := range []struct {
		service, code string
		call          func(*testing.T, *fixture) error
		want          any
	}{
		{fault.DynamoDB, "ThrottlingException", read, new(*dynamotypes.ThrottlingException)},
		{
			fault.DynamoDB, "ProvisionedThroughputExceededException", read,
			new(*dynamotypes.ProvisionedThroughputExceededException),
		},
		{fault.DynamoDB, "InternalServerError", read, new(*dynamotypes.InternalServerError)},
		{fault.SQS, "RequestThrottled", send, new(*sqstypes.RequestThrottled)},
		{fault.SQS, "ServiceUnavailable", send, new(*smithy.GenericAPIError)},
		{fault.EventBridge, "ThrottlingException", put, new(*ebtypes.ThrottlingException)},
		{fault.EventBridge, "InternalException", put, new(*ebtypes.InternalException)},
		{fault.Lambda, "TooManyRequestsException", invoke, new(*lambdatypes.TooManyRequestsException)},
	} {
		t.Run(c.service+" "+c.code, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			rule := fault.Rule{Service: c.service, Code: c.code, Share: 1, Do: fault.Refuse}
			require.Equal(t, http.StatusOK, f.set(t, rule))
			err := c.call(t, f)
			require.ErrorAs(t, err, c.want)
			var api smithy.APIError
			require.ErrorAs(t, err, &api)
			require.Equal(t, c.code, api.ErrorCode())
			require.Empty(t, f.emulator.received())
			require.Empty(t, f.tables.received())
		})
	}
}

func TestCountsOfRefusals(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.set(t, fault.Rule{Service: fault.SQS, Share: 1, Do: fault.Refuse, Code: "RequestThrottled"})
	for range 2 {
		_, err := f.send(t)
		require.Error(t, err)
	}
	require.Equal(t, map[string]int{"SQS SendMessage refuse": 2}, f.counts(t))
}

func TestTwice(t *testing.T) {
	t.Parallel()
	f := setup(t)
	rule := fault.Rule{Service: fault.SQS, Operations: []string{"SendMessage"}, Share: 1, Do: fault.Twice}
	require.Equal(t, http.StatusOK, f.set(t, rule))
	out, err := f.send(t)
	require.NoError(t, err)
	require.Equal(t, "m-1", *out.MessageId)
	got := f.emulator.received()
	require.Len(t, got, 2)
	require.Equal(t, got[0], got[1])
	require.NotEmpty(t, got[0])
}

func TestLostReply(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.Equal(t, http.StatusOK, f.set(t, fault.Rule{Service: fault.SQS, Share: 1, Do: fault.LoseReply}))
	_, err := f.send(t)
	require.Error(t, err)
	require.Len(t, f.emulator.received(), 1)
}

func TestRulesApplyToTheirCallsOnly(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.Equal(t, http.StatusOK, f.set(t,
		fault.Rule{
			Service: fault.SQS, Operations: []string{"ReceiveMessage"}, Share: 1, Do: fault.Refuse, Code: "RequestThrottled",
		},
		fault.Rule{Service: fault.DynamoDB, Share: 0.5, Do: fault.Refuse, Code: "ThrottlingException"}))
	_, err := f.send(t)
	require.NoError(t, err, "the rule names another operation")
	failed := 0
	for range 200 {
		if f.read(t) != nil {
			failed++
		}
	}
	require.InDelta(t, 100, failed, 50)
	require.Equal(t, failed, f.counts(t)["DynamoDB ListTables refuse"])
	require.Equal(t, http.StatusOK, f.set(t))
	require.NoError(t, f.read(t), "there are no rules any more")
}
