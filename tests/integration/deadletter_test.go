//go:build integration

package integration_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/tests/framework/stack"
)

const (
	// dlqTimeout is how long tests wait for dead letters: more than twice the 30 s for which
	// operations hides the messages that it receives. A lost reply to ReceiveMessage leaves
	// them hidden for that long.
	dlqTimeout = 75 * time.Second

	requestsDLQ = deployment.RequestsDLQ
)

// peek receives the visible messages of the requests' dead letter queue and makes them
// visible again.
func (f *fixture) peek(t *testing.T) ([]sqstypes.Message, error) {
	t.Helper()
	url := aws.String(f.Vars(requestsDLQ))
	var all []sqstypes.Message
	for {
		out, err := f.SQS.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 30,
			MessageAttributeNames: []string{"All"},
		})
		if err != nil || len(out.Messages) == 0 {
			return all, errors.Join(err, f.makeVisible(t, url, all))
		}
		all = append(all, out.Messages...)
	}
}

func (f *fixture) makeVisible(t *testing.T, url *string, messages []sqstypes.Message) error {
	t.Helper()
	var errs []error
	for _, m := range messages {
		_, err := f.SQS.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{
			QueueUrl: url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 0,
		})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// allDeadLetters returns the ids of all messages in the requests' dead letter queue by
// body. It peeks until it has received the wanted bodies and as many messages as the queue
// holds, hidden ones included. Nothing may be dead-lettered meanwhile.
func (f *fixture) allDeadLetters(t *testing.T, want map[string]string) map[string][]string {
	t.Helper()
	seen, byBody := map[string]bool{}, map[string][]string{}
	require.NoError(t, stack.Await(t.Context(), dlqTimeout, func() (bool, error) {
		messages, err := f.peek(t)
		for _, m := range messages {
			if !seen[*m.MessageId] {
				seen[*m.MessageId] = true
				byBody[*m.Body] = append(byBody[*m.Body], *m.MessageId)
			}
		}
		total, errTotal := f.Waiting(t.Context(), []string{f.Vars(requestsDLQ)})
		complete := len(seen) == total
		for body := range want {
			complete = complete && len(byBody[body]) > 0
		}
		return err == nil && errTotal == nil && complete, errors.Join(err, errTotal)
	}), "%d messages received", len(seen))
	return byBody
}
