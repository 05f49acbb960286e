package queue_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/problem"
)

// receive delivers a message for the nth time, whose handler returns err, and reports
// whether it is received again.
func receive(t *testing.T, nth int, sent time.Time, err error) (again bool, f *fakeSQS) {
	t.Helper()
	f = &fakeSQS{}
	e := batch(fmt.Sprintf("a@%d", nth))
	e.Records[0].Attributes["SentTimestamp"] = strconv.FormatInt(sent.UnixMilli(), 10)
	out := consumer(f).Handle(t.Context(), e, func(context.Context, lambdaevents.SQSMessage) error { return err })
	return len(out.BatchItemFailures) == 1, f
}

// TestOutagesAreWaitedFor: a message that is not at fault is retried for days, any other for a
// quarter of an hour.
func TestOutagesAreWaitedFor(t *testing.T) {
	t.Parallel()
	conflict := &types.TransactionCanceledException{
		CancellationReasons: []types.CancellationReason{{Code: aws.String("TransactionConflict")}},
	}
	refused := &types.TransactionCanceledException{
		CancellationReasons: []types.CancellationReason{{Code: aws.String("ConditionalCheckFailed")}},
	}
	api := func(code string, fault smithy.ErrorFault) error {
		return &smithy.GenericAPIError{Code: code, Fault: fault}
	}
	for name, tc := range map[string]struct {
		err    error
		outage bool
	}{
		"unavailable":            {&problem.Error{Kind: problem.Unavailable}, true},
		"advises a retry":        {&problem.Error{Kind: problem.Conflict, RetryAfter: time.Second}, true},
		"timeout":                {context.DeadlineExceeded, true},
		"conflict":               {conflict, true},
		"throttle":               {api("ThrottlingException", smithy.FaultClient), true},
		"fault of the service":   {api("InternalFailure", smithy.FaultServer), true},
		"no connection":          {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, true},
		"refused":                {&problem.Error{Kind: problem.Conflict}, false},
		"internal":               {&problem.Error{Kind: problem.Internal, Cause: context.DeadlineExceeded}, false},
		"condition":              {refused, false},
		"refused by the service": {api("AccessDenied", smithy.FaultClient), false},
		"any other":              {errors.New("no such field"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := fmt.Errorf("handle: %w", tc.err)
			for nth, wants := range map[int]bool{
				queue.MaxReceives - 1: true, queue.MaxReceives: tc.outage,
				queue.MaxReceivesInOutage - 1: tc.outage, queue.MaxReceivesInOutage: false,
			} {
				again, f := receive(t, nth, now(), err)
				require.Equal(t, wants, again, "receive %d", nth)
				require.Equal(t, wants, len(f.sent) == 0, "or it is a dead letter")
			}
		})
	}
}

// TestNoMessageExpires: a message is dead-lettered, and so kept for two more weeks, before SQS
// deletes it.
func TestNoMessageExpires(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	unavailable := &problem.Error{Kind: problem.Unavailable}
	for _, nth := range []int{1, 500} {
		again, _ := receive(t, nth, now().Add(-13*day+time.Minute), unavailable)
		require.True(t, again)
		again, f := receive(t, nth, now().Add(-13*day), unavailable)
		require.False(t, again)
		require.Equal(t, "retries_exhausted", *f.sent[0].MessageAttributes[queue.AttrCode].StringValue)
	}
}

// TestOutagesOfAWeekEndNoMessage: and a message comes back soon after an outage, in proportion to
// how long that was.
func TestOutagesOfAWeekEndNoMessage(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	var least, most time.Duration
	for nth := 1; nth < queue.MaxReceivesInOutage; nth++ {
		m := batch(fmt.Sprintf("a@%d", nth)).Records[0]
		longest := queue.NextReceive(m, now()).Sub(now())
		require.LessOrEqual(t, longest, queue.MaxBackoff)
		require.LessOrEqual(t, longest, max(30*time.Second, least/30), "receive %d", nth)
		least += longest * 5 / 6
		most += longest
	}
	require.Greater(t, least, 7*day)
	require.Less(t, most, 10*day, "it is dead-lettered with its reason well before SQS deletes it")
}
