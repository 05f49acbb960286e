//go:build integration

package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/tests/stack"
)

func (s *suite) send(t *testing.T, queue, body string) {
	t.Helper()
	_, err := s.SQS.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(s.Vars(queue)), MessageBody: &body})
	require.NoError(t, err)
}

// subscribe makes a queue that receives the system's events of a type, and goes
// with the test.
func (s *suite) subscribe(t *testing.T, kind string) string {
	t.Helper()
	name := "test-" + stack.NewKey()
	q, err := s.SQS.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
	require.NoError(t, err)
	attrs, err := s.SQS.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: q.QueueUrl, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn}})
	require.NoError(t, err)
	bus := aws.String(s.Vars("INVOCHAIN_BUS_NAME"))
	pattern := fmt.Sprintf(`{"source":["invochain"],"detail-type":[%q]}`, kind)
	_, err = s.Bus.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: &name, EventBusName: bus, EventPattern: &pattern})
	require.NoError(t, err)
	_, err = s.Bus.PutTargets(t.Context(), &eventbridge.PutTargetsInput{
		Rule: &name, EventBusName: bus, Targets: []ebtypes.Target{{Id: aws.String("q"), Arn: aws.String(attrs.Attributes["QueueArn"])}},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx := detached(t)
		_, _ = s.Bus.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: &name, EventBusName: bus, Ids: []string{"q"}})
		_, _ = s.Bus.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: &name, EventBusName: bus})
		_, _ = s.SQS.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: q.QueueUrl})
	})
	return *q.QueueUrl
}

// drain receives events until none has come for a while, by event id.
func (s *suite) drain(t *testing.T, url string, wanted func(events.Event) bool, enough int) map[string]events.Event {
	t.Helper()
	got := map[string]events.Event{}
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end) && len(got) < enough; {
		out, err := s.SQS.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, VisibilityTimeout: 600})
		require.NoError(t, err)
		for _, m := range out.Messages {
			var envelope struct {
				Detail events.Event `json:"detail"`
			}
			require.NoError(t, json.Unmarshal([]byte(*m.Body), &envelope), *m.Body)
			if wanted(envelope.Detail) {
				got[envelope.Detail.ID] = envelope.Detail
			}
		}
	}
	return got
}

func TestRespondAsync(t *testing.T) {
	s := open(t)
	m, key := s.merchant(t, "advise"), stack.NewKey()
	s.stock(t, m, "SKU", 5)
	async := func() stack.Reply {
		return s.call(t, http.MethodPost, "/invoices", []byte(sale(m, "SKU", 1)),
			"Content-Type", "application/json", "Idempotency-Key", key, "Prefer", "respond-async")
	}
	first := async()
	require.Equal(t, http.StatusAccepted, first.Status, "%s", first.Body)
	require.Equal(t, "/sagas/"+first.Field("saga_id"), first.Field("status_url"))
	require.Equal(t, first.Field("status_url"), first.Header.Get("Location"))
	s.awaitState(t, first.Field("saga_id"), "COMPLETED")
	again := async()
	require.Equal(t, http.StatusCreated, again.Status, "%s", again.Body)
	require.Equal(t, "true", again.Header.Get("X-Idempotent-Replayed"))
	require.Equal(t, first.Field("saga_id"), again.Field("saga_id"))
	require.Len(t, s.invoices(t, m), 1)
}

func TestOrderCompletedIssuesAnInvoice(t *testing.T) {
	s := open(t)
	m, key := s.merchant(t, "advise"), stack.NewKey()
	s.stock(t, m, "SKU", 5)
	detail := fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, key, sale(m, "SKU", 2))
	for range 2 { // the bus delivers at least once
		_, err := s.Bus.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
			EventBusName: aws.String(s.Vars("INVOCHAIN_BUS_NAME")), Source: aws.String("shop"),
			DetailType: aws.String("order.completed"), Detail: &detail,
		}}})
		require.NoError(t, err)
	}
	require.NoError(t, stack.Await(t.Context(), 30*time.Second, func() (bool, error) { return len(s.invoices(t, m)) > 0, nil }))
	r := s.create(t, key, sale(m, "SKU", 2))
	require.Equal(t, "true", r.Header.Get("X-Idempotent-Replayed"), "both doors share keys")
	require.Len(t, s.invoices(t, m), 1)
}

// TestRedriveDoesNotNest: a message that was refused for what the world was like is
// redriven as it first came, twice, and succeeds once the world has changed.
func TestRedriveDoesNotNest(t *testing.T) {
	s := open(t)
	m := s.merchant(t, "advise")
	s.stock(t, m, "SKU", 0)
	message := fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, stack.NewKey(), sale(m, "SKU", 1))
	s.send(t, "INVOCHAIN_REQUESTS_QUEUE_URL", message)
	buried := func() bool {
		letters, err := s.Operator.DeadLetters(t.Context())
		require.NoError(t, err)
		for _, l := range letters {
			if strings.Contains(l.Body, m) {
				require.Equal(t, message, l.Body)
				require.Equal(t, "out_of_stock", l.Code)
				return true
			}
		}
		return false
	}
	for range 2 {
		require.NoError(t, stack.Await(t.Context(), 30*time.Second, func() (bool, error) { return buried(), nil }))
		_, err := s.Operator.Redrive(t.Context(), "requests")
		require.NoError(t, err)
	}
	require.NoError(t, stack.Await(t.Context(), 30*time.Second, func() (bool, error) { return buried(), nil }))
	s.stock(t, m, "SKU", 1)
	_, err := s.Operator.Redrive(t.Context(), "requests")
	require.NoError(t, err)
	require.NoError(t, stack.Await(t.Context(), 30*time.Second, func() (bool, error) { return len(s.invoices(t, m)) == 1, nil }))
}
