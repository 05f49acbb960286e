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
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/operations"
	"github.com/invochain/invochain/tests/framework/stack"
)

func (f *fixture) send(t *testing.T, queueVar, body string) {
	t.Helper()
	_, err := f.SQS.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: aws.String(f.Vars(queueVar)), MessageBody: &body,
	})
	require.NoError(t, err)
}

// subscribe receives the system's events of a type until the test ends.
func (f *fixture) subscribe(t *testing.T, kind string) *stack.Tap {
	t.Helper()
	tap, err := f.Tap(t.Context(), kind)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tap.Close(detached(t)) })
	return tap
}

// drain receives events for up to 90 s until enough are wanted, and returns them by id.
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
	t.Parallel()
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	f.stock(t, m, "SKU", 5)
	async := func() client.Reply {
		return f.call(t, http.MethodPost, "/invoices", []byte(sale(m, "SKU", 1)),
			"Content-Type", "application/json", "Idempotency-Key", key, "Prefer", "respond-async")
	}
	first := async()
	require.Equal(t, http.StatusAccepted, first.Status, "%s", first.Body)
	require.Equal(t, "/sagas/"+first.Field("saga_id"), first.Field("status_url"))
	require.Equal(t, first.Field("status_url"), first.Header.Get("Location"))
	f.awaitState(t, first.Field("saga_id"), "COMPLETED")
	again := async()
	require.Equal(t, http.StatusCreated, again.Status, "%s", again.Body)
	require.Equal(t, "true", again.Header.Get("X-Idempotent-Replayed"))
	require.Equal(t, first.Field("saga_id"), again.Field("saga_id"))
	require.Len(t, f.invoices(t, m), 1)
}

// TestRespondAsyncOfAnyText: what fits a request fits its message, and SQS takes its characters.
func TestRespondAsyncOfAnyText(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	line := `{"description":"` + strings.Repeat("&", 280) +
		`","hsn":"732393","quantity":1,"unit":"NOS","unit_price":1,"gst_rate":18},`
	body := fmt.Sprintf(
		`{"series":"S","seller_merchant_id":%q,"buyer_name":"a%cb","invoice_date":"2025-11-26","items":[%s]}`,
		m, '\uffff', strings.TrimSuffix(strings.Repeat(line, 600), ","))
	r := f.call(t, http.MethodPost, "/invoices", []byte(body),
		"Content-Type", "application/json", "Idempotency-Key", client.NewKey(), "Prefer", "respond-async")
	require.Equal(t, http.StatusAccepted, r.Status, "%s", r.Body)
	f.awaitState(t, r.Field("saga_id"), "COMPLETED")
	require.Equal(t, "a\uffffb", f.invoices(t, m)[0]["buyer_name"])
}

func TestOrderCompletedIssuesAnInvoice(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	f.stock(t, m, "SKU", 5)
	detail := fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, key, sale(m, "SKU", 2))
	for range 2 { // the bus delivers at least once
		_, err := f.Bus.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
			EventBusName: aws.String(f.Vars(deployment.BusName)), Source: aws.String("shop"),
			DetailType: aws.String("order.completed"), Detail: &detail,
		}}})
		require.NoError(t, err)
	}
	require.NoError(t, stack.Await(t.Context(), 30*time.Second, func() (bool, error) {
		return len(f.invoices(t, m)) > 0, nil
	}))
	r := f.create(t, key, sale(m, "SKU", 2))
	require.Equal(t, "true", r.Header.Get("X-Idempotent-Replayed"), "the API and the queue share keys")
	require.Len(t, f.invoices(t, m), 1)
}

// TestFailedMessageIsRetriedSoon: the retry comes after the consumer's backoff, not after
// the queue's visibility timeout of three minutes. A successful message of the same batch
// is not redelivered. It runs alone, since it refuses the inventory.
func TestFailedMessageIsRetriedSoon(t *testing.T) {
	f := setup(t)
	m := f.merchant(t, "advise")
	f.stock(t, m, "SKU", 5)
	compensated := f.subscribe(t, events.InvoiceCompensated)
	allow := f.refuse(t, deployment.ReserveFunction)
	var batch []sqstypes.SendMessageBatchRequestEntry
	for i, invoice := range []string{sale(m, "SKU", 1), numbered(m, "NO-STOCK-1")} {
		body := fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, client.NewKey(), invoice)
		batch = append(batch, sqstypes.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: &body})
	}
	_, err := f.SQS.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{
		QueueUrl: aws.String(f.Vars(deployment.RequestsQueue)), Entries: batch,
	})
	require.NoError(t, err)
	mine := func(e events.Event) bool { return e.MerchantID == m }
	require.NotEmpty(t, drain(t, compensated, mine, 1), "the sale fails and is compensated, at each attempt")
	issued := func(n int) func() (bool, error) {
		return func() (bool, error) { return len(f.invoices(t, m)) == n, nil }
	}
	require.NoError(t, stack.Await(t.Context(), 30*time.Second, issued(1)))
	allow()
	require.NoError(t, stack.Await(t.Context(), 45*time.Second, issued(2)))
	require.NoError(t, stack.Await(t.Context(), 10*time.Second, func() (bool, error) {
		left, err := f.Waiting(t.Context(), []string{f.Vars(deployment.RequestsQueue)})
		return left == 0, err
	}))
}

// TestRedriveDoesNotNest: a dead letter is redriven with its original body, twice. It runs
// alone, since it redrives the whole queue.
func TestRedriveDoesNotNest(t *testing.T) {
	f := setup(t)
	order := "order-" + client.NewKey()
	message := requestOf(order, `{}`)
	f.send(t, deployment.RequestsQueue, message)
	known := map[string]bool{} // ids of the message's dead letters
	// redriven redrives a known dead letter and reports whether a new one has arrived. It
	// redrives again if a lost reply has hidden the message from Redrive.
	redriven := func() (bool, error) {
		messages, err := f.peek(t)
		missed := false
		for _, d := range messages {
			if err != nil || !strings.Contains(*d.Body, order) {
				continue
			}
			require.Equal(t, message, *d.Body)
			require.Equal(t, "invalid_request", *d.MessageAttributes[queue.AttrCode].StringValue)
			if missed = known[*d.MessageId]; !missed {
				known[*d.MessageId] = true
				return true, nil
			}
		}
		if missed {
			err = f.Operator.Redrive(t.Context(), operations.Selection{Queue: "requests"}, tests, func(operations.DeadLetter) {})
		}
		return false, err
	}
	for range 3 { // the first failure and two redrives
		require.NoError(t, stack.Await(t.Context(), dlqTimeout, redriven))
	}
}
