//go:build integration

package integration_test

import (
	"fmt"
	"net/http"
	"strconv"
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
	"github.com/invochain/invochain/tests/framework/stack"
)

func (s *suite) send(t *testing.T, queue, body string) {
	t.Helper()
	_, err := s.SQS.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(s.Vars(queue)), MessageBody: &body})
	require.NoError(t, err)
}

// subscribe is sent the system's events of a type, until the test ends.
func (s *suite) subscribe(t *testing.T, kind string) *stack.Tap {
	t.Helper()
	tap, err := s.Tap(t.Context(), kind)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tap.Close(detached(t)) })
	return tap
}

// drain receives events until there are enough of the wanted, by event id.
func drain(t *testing.T, tap *stack.Tap, wanted func(events.Event) bool, enough int) map[string]events.Event {
	t.Helper()
	got := map[string]events.Event{}
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end) && len(got) < enough; {
		next, err := tap.Next(t.Context())
		require.NoError(t, err)
		for _, e := range next {
			if wanted(e) {
				got[e.ID] = e
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

// TestAFailedMessageComesBackSoon: after a wait of its own, not after its queue's
// visibility timeout of three minutes. What was done beside it, in the same batch, does
// not come back.
func TestAFailedMessageComesBackSoon(t *testing.T) {
	s := open(t)
	m := s.merchant(t, "advise")
	s.stock(t, m, "SKU", 5)
	compensated := s.subscribe(t, events.InvoiceCompensated)
	back := s.refuse(t, "INVOCHAIN_RESERVE_FUNCTION")
	var batch []sqstypes.SendMessageBatchRequestEntry
	for i, invoice := range []string{sale(m, "SKU", 1), numbered(m, "BESIDE-1")} {
		batch = append(batch, sqstypes.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, stack.NewKey(), invoice)),
		})
	}
	_, err := s.SQS.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: aws.String(s.Vars("INVOCHAIN_REQUESTS_QUEUE_URL")), Entries: batch})
	require.NoError(t, err)
	require.Len(t, drain(t, compensated, func(e events.Event) bool { return e.MerchantID == m }, 1), 1, "the sale failed and was undone")
	require.NoError(t, stack.Await(t.Context(), 30*time.Second, func() (bool, error) { return len(s.invoices(t, m)) == 1, nil }))
	back()
	require.NoError(t, stack.Await(t.Context(), 45*time.Second, func() (bool, error) { return len(s.invoices(t, m)) == 2, nil }))
	require.NoError(t, stack.Await(t.Context(), 10*time.Second, func() (bool, error) {
		left, err := s.Waiting(t.Context(), []string{s.Vars("INVOCHAIN_REQUESTS_QUEUE_URL")})
		return left == 0, err
	}))
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
