package operations_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/operations"
)

// requests selects all dead letters of the queue requests.
var requests = operations.Selection{Queue: "requests"}

// TestRedriveEndsWhenMessagesComeBack: the consumer is quicker than the operator, so the
// dead letter queue is never empty.
func TestRedriveEndsWhenMessagesComeBack(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	q, r := newQueues("a", "b", "c"), &recorder{}
	require.NoError(t, system(q, "requests").Redrive(ctx, requests, asha, r.done))
	require.ElementsMatch(t, []string{"id-1", "id-2", "id-3"}, r.ids)
	require.ElementsMatch(t, []string{"a", "b", "c"}, q.sent, "each once")
	require.Len(t, q.visible, 3, "and all can be seen again")
	require.Empty(t, q.hidden)
}

// TestRedriveKeepsTheMerchantsGroup: a merchant's many dead letters do not delay other merchants.
func TestRedriveKeepsTheMerchantsGroup(t *testing.T) {
	q, r := newQueues(`{"saga_id":"s","merchant_id":"m-1"}`), &recorder{}
	q.accepts = true
	require.NoError(t, system(q, "audit").Redrive(t.Context(), operations.Selection{Queue: "audit"}, asha, r.done))
	require.Equal(t, []string{"m-1"}, q.groups)
}

// TestActsOnOneDeadLetter: the others stay as they are, wherever in the queue it is.
func TestActsOnOneDeadLetter(t *testing.T) {
	for name, act := range acts() {
		t.Run(name, func(t *testing.T) {
			q, r := newQueues(), &recorder{}
			q.accepts = true
			for n := range 25 {
				q.add(strconv.Itoa(n), nil)
			}
			require.NoError(t, act(system(q, "requests"), operations.Selection{Queue: "requests", ID: "id-8"}, r.done))
			require.Equal(t, []string{"id-8"}, r.ids)
			require.Len(t, q.visible, 24)
			require.NotContains(t, q.ids(), "id-8")
			require.ErrorContains(t,
				act(system(q, "requests"), operations.Selection{Queue: "requests", ID: "id-8"}, r.done), "id-8")
			require.Len(t, q.visible, 24)
		})
	}
}

type act func(*operations.System, operations.Selection, func(operations.DeadLetter)) error

func acts() map[string]act {
	return map[string]act{
		"redrive": func(s *operations.System, which operations.Selection, done func(operations.DeadLetter)) error {
			return s.Redrive(context.Background(), which, asha, done)
		},
		"drop": func(s *operations.System, which operations.Selection, done func(operations.DeadLetter)) error {
			return s.Drop(context.Background(), which, asha, done)
		},
	}
}

// TestNoFaultLosesADeadLetter: a send or a delete fails once, with or without effect. The message
// can be seen or was sent, and the others are not kept by it.
func TestNoFaultLosesADeadLetter(t *testing.T) {
	for _, tc := range []struct{ act, call string }{{"redrive", "send"}, {"redrive", "delete"}, {"drop", "delete"}} {
		for _, applied := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, %s applied %t", tc.act, tc.call, applied), func(t *testing.T) {
				q, r, act := newQueues("a", "b", "c"), &recorder{}, acts()[tc.act]
				q.accepts = true
				failed := false
				q.fault = func(call string) (bool, error) {
					if failed || call != tc.call {
						return true, nil
					}
					failed = true
					return applied, errLost
				}
				require.ErrorIs(t, act(system(q, "requests"), requests, r.done), errLost)
				require.Less(t, len(r.ids), 3, "what failed is not recorded as done")
				require.Empty(t, q.hidden, "and all that stay can be seen")
				require.NoError(t, act(system(q, "requests"), requests, r.done), "it may be done again")
				require.Empty(t, q.visible)
				if tc.act == "redrive" {
					require.Subset(t, q.sent, []string{"a", "b", "c"})
				}
			})
		}
	}
}

// TestARefusedMessageStaysAlone: SQS refuses it, and takes the others of its batch.
func TestARefusedMessageStaysAlone(t *testing.T) {
	q, r := newQueues("a", "refused", "c"), &recorder{}
	q.accepts = true
	err := system(q, "requests").Redrive(t.Context(), requests, asha, r.done)
	require.ErrorContains(t, err, "id-2 of requests: Refused")
	require.ElementsMatch(t, []string{"id-1", "id-3"}, r.ids)
	require.Equal(t, []string{"id-2"}, q.ids())
}

// TestBatchesFitSQS: ten messages of the largest size do not fit one call.
func TestBatchesFitSQS(t *testing.T) {
	q := newQueues()
	for n := range 25 {
		q.add(strings.Repeat(strconv.Itoa(n%10), 200_000+n*30_000), nil)
	}
	q.accepts = true
	require.NoError(t, system(q, "requests").Redrive(t.Context(), requests, asha, (&recorder{}).done))
	require.Len(t, q.sent, 25)
	require.Empty(t, q.visible)
}

// TestDropAsksFirst: the message stays while its request's fate cannot be recorded.
func TestDropAsksFirst(t *testing.T) {
	q, r := newQueues("a"), &recorder{}
	s := system(q, "requests")
	var told []string
	unavailable := errors.New("no table")
	s.OnDropped = func(_ context.Context, queue, body string) error {
		told = append(told, queue+" "+body)
		if len(told) == 1 {
			return unavailable
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		require.Empty(t, q.visible, "the message is not deleted yet")
		require.Len(t, q.hidden, 1)
		return nil
	}
	require.ErrorIs(t, s.Drop(t.Context(), requests, asha, r.done), unavailable)
	require.Len(t, q.visible, 1)
	require.Empty(t, r.ids)
	require.NoError(t, s.Drop(t.Context(), requests, asha, r.done))
	require.Equal(t, []string{"id-1"}, r.ids)
	require.Equal(t, []string{"requests a", "requests a"}, told)
	require.Empty(t, q.hidden)
}

// TestManyFailuresEndAnAct: what fails for each message is not tried for thousands.
func TestManyFailuresEndAnAct(t *testing.T) {
	q := newQueues()
	for n := range 1000 {
		q.add(strconv.Itoa(n), nil)
	}
	q.fault = func(string) (bool, error) { return false, errLost }
	s, log := system(q, "requests"), &auditLog{}
	s.Acts = log
	err := s.Redrive(t.Context(), requests, asha, (&recorder{}).done)
	require.ErrorIs(t, err, errLost)
	require.Equal(t, 10, strings.Count(err.Error(), errLost.Error()), "the others are of the same kind")
	require.LessOrEqual(t, len(log.recorded), 16*10+10, "one batch of each worker, and what it takes to see it")
	require.Len(t, q.visible, 1000)
}

// TestAnInterruptedActIsNoSuccess: what is left can be seen, and the act may go on later.
func TestAnInterruptedActIsNoSuccess(t *testing.T) {
	for name, act := range map[string]func(*operations.System, context.Context, func(operations.DeadLetter)) error{
		"redrive": func(s *operations.System, ctx context.Context, done func(operations.DeadLetter)) error {
			return s.Redrive(ctx, requests, asha, done)
		},
		"drop": func(s *operations.System, ctx context.Context, done func(operations.DeadLetter)) error {
			return s.Drop(ctx, requests, asha, done)
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := newQueues()
			for n := range 1000 {
				q.add(strconv.Itoa(n), nil)
			}
			q.accepts = true
			ctx, cancel := context.WithCancel(t.Context())
			err := act(system(q, "requests"), ctx, func(operations.DeadLetter) { cancel() })
			require.ErrorIs(t, err, context.Canceled)
			require.GreaterOrEqual(t, len(q.ids()), 1000-16*20)
			require.NoError(t, act(system(q, "requests"), t.Context(), func(operations.DeadLetter) {}))
			require.Empty(t, q.ids())
			if name == "redrive" {
				require.Len(t, slices.Compact(slices.Sorted(slices.Values(q.sent))), 1000, "none is lost")
			}
		})
	}
}

func TestUnknownQueue(t *testing.T) {
	for _, act := range acts() {
		err := act(system(newQueues(), "requests"), operations.Selection{Queue: "nope"}, (&recorder{}).done)
		require.ErrorContains(t, err, `"nope"; there are requests`)
	}
	_, err := system(newQueues(), "requests").DeadLetters(t.Context(), "nope")
	require.ErrorContains(t, err, "nope")
}

func ExampleSystem_Redrive() {
	q := newQueues(`{"idempotency_key":"…"}`)
	err := system(q, "requests").Redrive(context.Background(), requests, asha, func(l operations.DeadLetter) {
		fmt.Println(l.Queue, l.ID)
	})
	fmt.Println(err)
	// Output:
	// requests id-1
	// <nil>
}
