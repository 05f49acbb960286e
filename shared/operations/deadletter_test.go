package operations_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/operations"
	"github.com/invochain/invochain/shared/problem"
)

const (
	key    = "7f2c5a70-1d0e-4b6e-9c8a-111111111111"
	sagaID = "abcdefghijklmnopqrstuvwxyz-abcdefghij"
)

func list(t *testing.T, s *operations.System) []operations.DeadLetter {
	t.Helper()
	found, err := s.DeadLetters(t.Context())
	require.NoError(t, err)
	return found
}

func TestListedDeadLettersStayVisible(t *testing.T) {
	q := newQueues()
	for n := range 500 {
		q.add(strconv.Itoa(n), nil)
	}
	dead := list(t, system(q, "requests"))
	require.Len(t, dead, 500)
	for n, l := range dead {
		require.Equal(t, time.Unix(int64(n+1), 0), l.Sent, "oldest first")
	}
	require.Equal(t, "crashed", dead[0].Code, "it has no reason")
	require.Len(t, q.visible, 500)
	require.Empty(t, q.hidden)
}

func TestAListIsBounded(t *testing.T) {
	q := newQueues()
	for n := range operations.MaxListed + 20 {
		q.add(strconv.Itoa(n), nil)
	}
	require.Len(t, list(t, system(q, "requests")), operations.MaxListed)
	require.Len(t, q.visible, operations.MaxListed+20)
}

// failing fails to receive after some calls; by then the caller may have left.
type failing struct {
	*queues

	left  int
	leave func()
}

// TestAFailedListHidesNothing: not even when the caller is interrupted.
func TestAFailedListHidesNothing(t *testing.T) {
	q := newQueues()
	for n := range 30 {
		q.add(strconv.Itoa(n), nil)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := system(q, "requests")
	s.SQS = &failing{queues: q, left: 2, leave: cancel}
	found, err := s.DeadLetters(ctx)
	require.ErrorIs(t, err, errLost)
	require.Len(t, found, 20, "what was read is shown")
	require.Len(t, q.visible, 30)
}

func TestADeadLetterNamesItsOrigin(t *testing.T) {
	invoice := `{"seller_merchant_id":"m-1","buyer_name":"Asha Rao"}`
	for name, tc := range map[string]struct {
		queue, body string
		want        operations.Origin
	}{
		"a request": {
			"requests", `{"idempotency_key":"` + key + `","invoice":` + invoice + `}`,
			operations.Origin{MerchantID: "m-1", Key: key},
		},
		"a request from the bus": {
			"requests", `{"detail-type":"order.completed","detail":{"idempotency_key":"` + key + `","invoice":` + invoice + `}}`,
			operations.Origin{MerchantID: "m-1", Key: key},
		},
		"an order that was not delivered": {
			"undelivered", `{"detail":{"idempotency_key":"` + key + `","invoice":` + invoice + `}}`,
			operations.Origin{MerchantID: "m-1", Key: key},
		},
		"an audit request": {
			"audit", `{"saga_id":"` + sagaID + `","merchant_id":"m-1"}`, operations.Origin{MerchantID: "m-1", SagaID: sagaID},
		},
		"a publish request": {
			"publish", `{"event":{"saga_id":"` + sagaID + `","merchant_id":"m-1"}}`,
			operations.Origin{MerchantID: "m-1", SagaID: sagaID},
		},
		"an event": {
			"inventory", `{"detail":{"saga_id":"` + sagaID + `","merchant_id":"m-1"}}`,
			operations.Origin{MerchantID: "m-1", SagaID: sagaID},
		},
		"not JSON": {"requests", `Asha Rao, MG Road`, operations.Origin{}},
		"other types": {
			"requests", `{"idempotency_key":7,"invoice":{"seller_merchant_id":"m-1"}}`, operations.Origin{MerchantID: "m-1"},
		},
		"no ids": {
			"requests", `{"idempotency_key":"Asha Rao","invoice":{"seller_merchant_id":"asha@example.com"}}`,
			operations.Origin{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := newQueues(tc.body)
			require.Equal(t, tc.want, list(t, system(q, tc.queue))[0].Origin)
		})
	}
}

func TestAttemptsAreShownIfKnown(t *testing.T) {
	q := newQueues("old")
	q.add("new", map[string]string{
		queue.AttrReceives: "39", queue.AttrCode: "retries_exhausted", queue.AttrReason: "no table",
	})
	found := list(t, system(q, "requests"))
	require.Equal(t, []int{0, 39}, []int{found[0].Attempts, found[1].Attempts})
	require.Equal(t, "retries_exhausted no table", found[1].Code+" "+found[1].Reason)
}

// sagas holds one saga.
type sagas struct{ state saga.State }

func (s sagas) Load(context.Context, string) (saga.Record, error) {
	return saga.Record{SagaID: sagaID, State: s.state}, nil
}

func (s sagas) OfKey(context.Context, idempotency.Key, int) ([]saga.Record, error) { return nil, nil }

func (s sagas) Redrive(_ context.Context, r saga.Record) (saga.Record, error) { return r, saga.ErrLost }

func (s sagas) Request(context.Context, string) (saga.Request, error) { return saga.Request{}, nil }

func (s sagas) Stuck(context.Context, int) ([]saga.Record, error) { return nil, nil }

func TestFailedCompensations(t *testing.T) {
	body := `{"saga_id":"` + sagaID + `","merchant_id":"m","step":"Release Inventory","error":{"Error":"Unavailable",` +
		`"Cause":"{\"errorMessage\":\"the buyer \\\"Asha Rao\\\" is away\",\"errorType\":\"Unavailable\"}"}}`
	for state, want := range map[saga.State]int{saga.Stuck: 1, saga.Compensated: 0} {
		q := newQueues(body)
		s := system(q, "compensation")
		s.Sagas = sagas{state}
		found := list(t, s)
		require.Len(t, found, want, "a settled one is dropped")
		require.Len(t, q.visible, want)
		require.Empty(t, q.hidden)
		if want == 1 {
			require.Equal(t, `Release Inventory: Unavailable: the buyer "…" is away`, found[0].Reason)
			require.Equal(t, operations.Origin{MerchantID: "m", SagaID: sagaID}, found[0].Origin)
		}
	}
}

func TestACauseOfStepFunctionsIsShown(t *testing.T) {
	q := newQueues(`{"step":"Release Inventory","error":{"Error":"States.Timeout","Cause":"no \"answer\" in time"}}`)
	s := system(q, "compensation")
	s.Sagas = sagas{saga.Stuck}
	require.Equal(t, `Release Inventory: States.Timeout: no "…" in time`, list(t, s)[0].Reason)
}

// private is a value that looks like no id, amount or date, in each text of a request.
const private = `Asha \"A\" Rao 98`

// TestReasonsQuoteNoBody: whatever field of a request is wrong, the reason of its refusal is
// shown without the field's value, however the dead letter was cut.
func TestReasonsQuoteNoBody(t *testing.T) {
	for _, field := range []string{
		"invoice_number", "seller_merchant_id", "buyer_gstin", "invoice_date", "due_date", "document_type", "series",
		"original_invoice_number", "supply_type", "place_of_supply", "total_amount", private,
	} {
		t.Run(field, func(t *testing.T) {
			requireNoValue(t, `{"seller_merchant_id":"m","invoice_date":"2025-11-26","`+field+`":"`+private+`"}`)
		})
	}
	for _, field := range []string{
		"sku", "hsn", "is_service", "quantity", "unit", "unit_price", "discount", "gst_rate", "cess_amount", private,
	} {
		t.Run("item "+field, func(t *testing.T) {
			requireNoValue(t, `{"seller_merchant_id":"m","items":[{"`+field+`":"`+private+`"}]}`)
		})
	}
}

func requireNoValue(t *testing.T, body string) {
	t.Helper()
	_, err := gst.ParseRequest([]byte(body))
	e, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	reasons := []string{e.Error(), e.Message}
	for _, f := range e.Fields {
		reasons = append(reasons, f.Field+": "+f.Code+": "+f.Message)
	}
	for _, reason := range reasons {
		for cut := range len(reason) + 1 {
			q := newQueues()
			q.add(body, map[string]string{queue.AttrCode: e.Code, queue.AttrReason: reason[:cut] + " "})
			l := list(t, system(q, "requests"))[0]
			for _, part := range []string{"Asha", "Rao", "98"} {
				require.NotContains(t, l.Reason+l.Code+l.MerchantID+l.Key, part, reason[:cut])
			}
		}
	}
}
