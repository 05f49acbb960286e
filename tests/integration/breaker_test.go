//go:build integration

package integration_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/tests/framework/stack"
)

// TestBreaker: the inventory's function is refused; some dozen requests find out, the
// fleet's breaker opens, and the next request is refused at once, with nothing to
// undo. Half a minute later one of ten requests is let through. Once the function is
// back, the breaker closes by itself.
func TestBreaker(t *testing.T) {
	s := open(t)
	m, key := s.merchant(t, "advise"), stack.NewKey()
	s.stock(t, m, "SKU", 100)
	back := s.refuse(t, "INVOCHAIN_RESERVE_FUNCTION")
	failed := s.failUntilItOpens(t, m)
	time.Sleep(time.Second) // by then every instance has seen it
	r := s.create(t, key, sale(m, "SKU", 1))
	require.Equal(t, http.StatusServiceUnavailable, r.Status)
	require.Equal(t, "inventory_unavailable", r.Field("code"))
	require.NotEmpty(t, r.Header.Get("Retry-After"))
	s.awaitState(t, r.Field("saga_id"), "ABORTED")
	bed := fastest(func() stack.Reply { return s.call(t, http.MethodGet, "/health", nil) })
	refused := fastest(func() stack.Reply { return s.create(t, stack.NewKey(), sale(m, "SKU", 1)) })
	require.Less(t, refused-bed, 100*time.Millisecond, "over the %s that the bed takes for an answer that costs nothing", bed)
	require.Equal(t, http.StatusCreated, s.create(t, stack.NewKey(), strings.Replace(sale(m, "SKU", 1), `"sku":"SKU",`, "", 1)).Status, "no stock, no inventory")

	oneProbe(t, s, m)
	back()
	require.Eventually(t, func() bool { return s.create(t, key, sale(m, "SKU", 1)).Status == http.StatusCreated }, 45*time.Second, time.Second)
	require.Equal(t, http.StatusCreated, s.create(t, stack.NewKey(), sale(m, "SKU", 1)).Status)
	for _, r := range failed {
		want := "COMPENSATED"
		if r.Field("code") == "inventory_unavailable" { // the breaker was open already
			want = "ABORTED"
		}
		s.awaitState(t, r.Field("saga_id"), want)
	}
	l, err := s.Stock(t.Context(), m, "SKU")
	require.NoError(t, err)
	require.EqualValues(t, 100_000, l.OnHand+l.Reserved+l.Sold)
}

// refuse has functions of the inventory refuse every call, until back or the test's end.
func (s *suite) refuse(t *testing.T, functions ...string) (back func()) {
	t.Helper()
	require.NoError(t, s.Allow(t.Context(), false, functions...))
	back = func() { require.NoError(t, s.Allow(detached(t), true, functions...)) }
	t.Cleanup(back)
	return back
}

// oneProbe waits until a probe is due and sends ten requests at once.
func oneProbe(t *testing.T, s *suite, m string) {
	t.Helper()
	opened, err := s.breaker().Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, breaker.Open, opened.State)
	time.Sleep(time.Until(time.UnixMilli(opened.Until)) + time.Second)
	codes := make(chan string, 10)
	for range cap(codes) {
		go func() {
			r, _ := s.Create(t.Context(), stack.NewKey(), []byte(sale(m, "SKU", 1)))
			codes <- r.Field("code")
		}()
	}
	counts := map[string]int{}
	for range cap(codes) {
		counts[<-codes]++
	}
	require.Equal(t, map[string]int{"temporarily_unavailable": 1, "inventory_unavailable": 9}, counts)
	again, err := s.breaker().Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, opened.Generation+1, again.Generation, "open for another while")
}

func (s *suite) breaker() *breaker.Breaker {
	return breaker.New(s.DB, breaker.Config{Table: s.Vars("INVOCHAIN_PLATFORM_TABLE"), Name: "inventory"}, time.Now)
}

// TestBreakerHeldByAnOperator: what `make breaker-open` and `make breaker-auto` do is
// seen by the running functions.
func TestBreakerHeldByAnOperator(t *testing.T) {
	s := open(t)
	m := s.merchant(t, "advise")
	s.stock(t, m, "SKU", 100)
	_, err := s.breaker().Force(t.Context(), breaker.Open, "the integration test", "")
	require.NoError(t, err)
	release := func() {
		_, err := s.breaker().Reset(detached(t), "the integration test", "")
		require.NoError(t, err)
	}
	t.Cleanup(release)
	time.Sleep(time.Second) // by then every instance has seen it
	for range 5 {
		r := s.create(t, stack.NewKey(), sale(m, "SKU", 1))
		require.Equal(t, "inventory_unavailable", r.Field("code"), "%s", r.Body)
	}
	release()
	time.Sleep(time.Second)
	require.Equal(t, http.StatusCreated, s.create(t, stack.NewKey(), sale(m, "SKU", 1)).Status)
}

// fastest of 10: what is asked for takes so long, the rest is the machine's business.
func fastest(ask func() stack.Reply) time.Duration {
	least := time.Hour
	for range 10 {
		least = min(least, ask().Took)
	}
	return least
}

// failUntilItOpens sends a dozen requests at a time: on a slow machine the first may
// be spread over more than the breaker's window.
func (s *suite) failUntilItOpens(t *testing.T, m string) []stack.Reply {
	t.Helper()
	var all []stack.Reply
	require.NoError(t, stack.Await(t.Context(), time.Minute, func() (bool, error) {
		dozen := make([]stack.Reply, 12)
		var wg sync.WaitGroup
		for i := range dozen {
			wg.Go(func() { dozen[i], _ = s.Create(t.Context(), stack.NewKey(), []byte(sale(m, "SKU", 1))) })
		}
		wg.Wait()
		for _, r := range dozen {
			require.Equal(t, http.StatusServiceUnavailable, r.Status, "%s", r.Body)
		}
		all = append(all, dozen...)
		return strings.Contains(string(s.call(t, http.MethodGet, "/health/ready", nil).Body), `{"name":"inventory","ok":false}`), nil
	}))
	return all
}
