package issuance_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
)

// reply is what the caller of a request got.
type reply struct {
	result issuance.Result
	err    error
}

// number returns the number of the invoice.
func (r reply) number(t *testing.T) string {
	t.Helper()
	require.NoError(t, r.err)
	var inv gst.Invoice
	require.NoError(t, json.Unmarshal(r.result.Body, &inv))
	return inv.InvoiceNumber
}

// group issues the requests, by keys from 1 on, so that they are committed together: they wait while
// the transaction of another invoice, with number S/2526/0001, is on its way. hook is called for the
// writes after that; nth counts the transactions from 1.
func (f *fixture) group(
	t *testing.T, hook func(operation string, nth int) (bool, error), reqs ...gst.Request,
) []reply {
	t.Helper()
	first, started, replies := make(chan struct{}), make(chan struct{}), make([]reply, len(reqs))
	var mu sync.Mutex
	transactions := -1
	f.db.Hook = func(operation string) (bool, error) {
		mu.Lock()
		if operation == "TransactWriteItems" {
			transactions++
		}
		nth := transactions
		mu.Unlock()
		if nth == 0 && operation == "TransactWriteItems" {
			close(started)
			<-first
			return true, nil
		}
		if nth < 1 {
			return true, nil
		}
		return hook(operation, nth)
	}
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = f.issue(t.Context(), key(0), request(t, "", "", 1)) })
	<-started
	for i, req := range reqs {
		wg.Go(func() { replies[i].result, replies[i].err = f.issue(t.Context(), key(i+1), req) })
	}
	require.Eventually(t, func() bool { return f.issuer.Waiting() == 1+len(reqs) }, 20*time.Second, time.Millisecond)
	close(first)
	wg.Wait()
	f.db.Hook = nil
	return replies
}

func noFault(string, int) (bool, error) { return true, nil }

// sales returns n requests of the series.
func sales(t *testing.T, n int) []gst.Request {
	t.Helper()
	return slices.Repeat([]gst.Request{request(t, "", "", 1)}, n)
}

// requireNumbers checks that the replies have the numbers from the second on, but for some.
func requireNumbers(t *testing.T, replies []reply, but ...string) {
	t.Helper()
	var got, want []string
	for _, r := range replies {
		got = append(got, r.number(t))
	}
	for n := 2; len(want) < len(replies); n++ {
		if number := fmt.Sprintf("S/2526/%04d", n); !slices.Contains(but, number) {
			want = append(want, number)
		}
	}
	slices.Sort(got)
	require.Equal(t, want, got)
}

// transactions returns the number of transactions since the last Forget.
func (f *fixture) transactions() (n int) {
	for _, operation := range f.db.Calls() {
		if operation == "TransactWriteItems" {
			n++
		}
	}
	return n
}

func TestWhatWaitsIsCommittedTogether(t *testing.T) {
	t.Parallel()
	f := setup(t)
	requireNumbers(t, f.group(t, noFault, sales(t, 30)...))
	require.Equal(t, 3, f.transactions(), "of 1, 25 and 5")
	f.db.Forget()
	_, err := f.issue(t.Context(), key(40), request(t, "", "", 1))
	require.NoError(t, err)
	require.Equal(t, []string{"PutItem", "TransactWriteItems"}, f.db.Calls(), "alone")
}

// TestUnitsOfAGroup: all but one of ten save the advance of the series, two units each.
func TestUnitsOfAGroup(t *testing.T) {
	t.Parallel()
	f, m := newMetered(t)
	_, err := f.issue(t.Context(), key(40), request(t, "", "", 1))
	require.NoError(t, err)
	m.reset()
	_, err = f.issue(t.Context(), key(41), request(t, "", "", 1))
	require.NoError(t, err)
	alone := m.units
	m.reset()
	f.group(t, noFault, sales(t, 10)...)
	require.NotZero(t, m.units)
	require.LessOrEqual(t, m.units, 11*alone-9*2, "one invoice and ten together")
}

// TestAGroupMeetsANumberOfTheClient: the series passes it, and no other.
func TestAGroupMeetsANumberOfTheClient(t *testing.T) {
	t.Parallel()
	for _, taken := range []string{"S/2526/0002", "S/2526/0007", "S/2526/0011"} {
		f := setup(t)
		_, err := f.issue(t.Context(), key(99), request(t, taken, "", 1))
		require.NoError(t, err)
		requireNumbers(t, f.group(t, noFault, sales(t, 10)...), taken)
		require.Less(t, f.transactions(), 8)
	}
}

// TestOneOfAGroupIsRefused: the others are issued, without a gap.
func TestOneOfAGroupIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.remembered.UniqueExternalIDs, f.services.inForce.UniqueExternalIDs = true, true
	reqs := sales(t, 10)
	reqs[3].ExternalID, reqs[6].ExternalID = "order-1", "order-1"
	replies := f.group(t, noFault, reqs...)
	refused := slices.IndexFunc(replies, func(r reply) bool { return r.err != nil })
	require.Contains(t, []int{3, 6}, refused)
	require.Equal(t, "external_id_taken", codeOf(replies[refused].err))
	require.Equal(t, saga.Aborted, f.state(t, sagaOf(replies[refused].err)))
	requireNumbers(t, slices.Delete(replies, refused, refused+1))
}

// TestOneOfAGroupIsLost: another process has its saga when the transaction is sent.
func TestOneOfAGroupIsLost(t *testing.T) {
	t.Parallel()
	f := setup(t)
	lose := sync.OnceFunc(func() { f.setOwner(t, key(4), "another") })
	replies := f.group(t, func(operation string, _ int) (bool, error) {
		if operation == "TransactWriteItems" {
			lose()
		}
		return true, nil
	}, sales(t, 10)...)
	require.Equal(t, "request_in_progress", codeOf(replies[3].err))
	requireNumbers(t, slices.Delete(replies, 3, 4))
}

// setOwner makes a key's record that of another owner.
func (f *fixture) setOwner(t *testing.T, k idempotency.Key, owner string) {
	t.Helper()
	_, err := f.db.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &f.tables.Platform, Key: idempotency.ItemKey(k.Hash()), UpdateExpression: aws.String("SET #o = :o"),
		ExpressionAttributeNames:  map[string]string{"#o": "owner"},
		ExpressionAttributeValues: dynamo.Item{":o": dynamo.S(owner)},
	})
	require.NoError(t, err)
}

// TestAGroupIsLostOrItsReply: no caller notices.
func TestAGroupIsLostOrItsReply(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"lost write": false, "lost reply": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			requireNumbers(t, f.group(t, func(operation string, nth int) (bool, error) {
				if operation == "TransactWriteItems" && nth == 1 {
					return applied, dynamotest.ErrLost
				}
				return true, nil
			}, sales(t, 10)...))
		})
	}
}

// TestTheProcessEndsWithAGroup: before or after its transaction has landed. Recovery and the callers'
// retries issue each invoice once, without a gap.
func TestTheProcessEndsWithAGroup(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"before": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			reqs := sales(t, 10)
			f.group(t, func(operation string, nth int) (bool, error) {
				return applied && nth == 1 && operation == "TransactWriteItems", dynamotest.ErrLost
			}, reqs...)
			f.advance(16 * time.Second)
			f.recoverAll(t)
			replies := make([]reply, len(reqs))
			for i, req := range reqs {
				replies[i].result, replies[i].err = f.issue(t.Context(), key(i+1), req)
				require.Equal(t, applied, replies[i].result.Replayed)
			}
			requireNumbers(t, replies)
			require.Equal(t, 11, f.invoices(t))
		})
	}
}

// TestAGroupThatDynamoDBDoesNotAccept: perhaps one of it is at fault, so each is sent alone.
func TestAGroupThatDynamoDBDoesNotAccept(t *testing.T) {
	t.Parallel()
	f := setup(t)
	requireNumbers(t, f.group(t, func(operation string, nth int) (bool, error) {
		if operation == "TransactWriteItems" && nth == 1 {
			return false, &smithy.GenericAPIError{Code: "ValidationException", Fault: smithy.FaultClient}
		}
		return true, nil
	}, sales(t, 5)...))
	require.Equal(t, 1+1+5, f.transactions())
}

// TestLargeInvoicesShareNoTransaction: of ten that take 0.4 MB and more each, as answer and document,
// a transaction of at most 4 MB has a few.
func TestLargeInvoicesShareNoTransaction(t *testing.T) {
	t.Parallel()
	f := setup(t)
	body := strings.Replace(string(large(t, 500, randomText())), `"invoice_number":"L-500"`, `"series":"S"`, 1)
	req, err := gst.ParseRequest([]byte(body))
	require.NoError(t, err)
	f.issuer.Limits.Request = time.Minute // on a busy machine
	requireNumbers(t, f.group(t, noFault, slices.Repeat([]gst.Request{req}, 6)...))
	require.GreaterOrEqual(t, f.transactions(), 1+2)
}

// conflicting returns the cancellation of a transaction whose last item, that of the series, is held.
func conflicting(items int) error {
	reasons := make([]types.CancellationReason, items)
	for i := range reasons {
		reasons[i].Code = aws.String("None")
	}
	reasons[items-1].Code = aws.String("TransactionConflict")
	return &types.TransactionCanceledException{CancellationReasons: reasons}
}

// TestASeriesThatStaysBusy: after twenty refused transactions the caller is told so. What was reserved
// is released.
func TestASeriesThatStaysBusy(t *testing.T) {
	t.Parallel()
	for sku, state := range map[string]saga.State{"": saga.Aborted, "SKU": saga.Compensated} {
		f, refused := setup(t), 0
		f.db.Hook = func(operation string) (bool, error) {
			if operation == "TransactWriteItems" && refused < 20 {
				refused++
				return false, conflicting(4)
			}
			return true, nil
		}
		f.issuer.Limits.Request = time.Minute // on a busy machine
		_, err := f.issue(t.Context(), key(1), request(t, "", sku, 1))
		require.Equal(t, "series_busy", codeOf(err))
		require.Equal(t, state, f.state(t, sagaOf(err)))
		require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
		f.db.Hook = nil
		r, err := f.issue(t.Context(), key(1), request(t, "", sku, 1))
		require.NoError(t, err)
		require.Equal(t, "S/2526/0001", reply{result: r}.number(t))
	}
}

// TestAWriterWaitsForItsTurn: while another has it, a commit that met it once is not sent again. At the
// end of the request's time the caller is told that the series is busy.
func TestAWriterWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	f := setup(t)
	until := f.now().Add(time.Hour)
	_, err := f.issuer.Invoices.TakeTurn(t.Context(), scope2526(), "S", "another", f.now(), until)
	require.NoError(t, err)
	refused := false
	f.db.Hook = func(operation string) (bool, error) {
		if operation == "TransactWriteItems" && !refused {
			refused = true
			return false, conflicting(4)
		}
		return true, nil
	}
	f.issuer.Limits.Request = time.Second
	_, err = f.issue(t.Context(), key(1), request(t, "", "", 1))
	require.Equal(t, "series_busy", codeOf(err))
	require.Equal(t, saga.Aborted, f.state(t, sagaOf(err)))
	f.advance(2 * time.Hour)
	refused = false
	f.issuer.Limits.Request = time.Minute
	_, err = f.issue(t.Context(), key(1), request(t, "", "", 1))
	require.NoError(t, err, "the other's turn is over")
	_, err = f.issuer.Invoices.TakeTurn(t.Context(), scope2526(), "S", "another", f.now(), until)
	require.NoError(t, err, "a commit ends its turn")
}
