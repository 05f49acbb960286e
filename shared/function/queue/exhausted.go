package queue

import (
	"context"
	"errors"
	"strconv"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/problem"
)

// MaxReceives is the number of times that a message is tried before it is dead-lettered
// with its last error. The 38 backoffs take at least 5 + 10 + 20 + 35 × 25 = 910 seconds.
const MaxReceives = 39

// MaxReceivesInOutage is the number of times that a message is tried whose last error is an
// outage (isOutage). Its backoffs take between a week and ten days. SQS counts up to 1,000.
const MaxReceivesInOutage = 990

// maxAge is the age at which a failed message is dead-lettered however often it was
// received: SQS deletes it at the age of 14 days. A dead letter is a new message, which is
// kept for another 14.
const maxAge = 13 * 24 * time.Hour

// exhausted reports whether a message that failed with err is not tried again.
func (c Consumer) exhausted(m lambdaevents.SQSMessage, err error) bool {
	most := MaxReceives
	if isOutage(err) {
		most = MaxReceivesInOutage
	}
	return receives(m) >= most || age(m, c.Now()) >= maxAge
}

// isOutage reports whether err is the fault of a dependency that is away, slow or busy, or
// advises a retry: the message itself may be fine.
func isOutage(err error) bool {
	if known, ok := errors.AsType[*problem.Error](err); ok {
		return known.Kind == problem.Unavailable || known.RetryAfter > 0
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorFault() == smithy.FaultServer {
		return true
	}
	return errors.Is(err, context.DeadlineExceeded) || dynamo.Contended(err) ||
		retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary
}

// age returns the time since a message was sent; 0 if that is unknown.
func age(m lambdaevents.SQSMessage, now time.Time) time.Duration {
	ms, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64)
	if err != nil {
		return 0
	}
	return now.Sub(time.UnixMilli(ms))
}
