//go:build integration

package integration_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/tests/framework/stack"
)

// TestBreaker refuses the inventory's function. After a few dozen failures the fleet's
// breaker opens, and the next request is refused at once with nothing to compensate. Half
// a minute later one of ten requests is admitted as a probe. When the function is allowed
// again, the breaker closes by itself.
func TestBreaker(t *testing.T) {
	f := setup(t)
	m, key := f.merchant(t, "advise"), client.NewKey()
	f.stock(t, m, "SKU", 100)
	allow := f.refuse(t, deployment.ReserveFunction)
	failed := f.failUntilItOpens(t, m)
	f.obeyed(t, m, "inventory_unavailable")
	r := f.create(t, key, sale(m, "SKU", 1))
	require.Equal(t, http.StatusServiceUnavailable, r.Status)
	require.Equal(t, "inventory_unavailable", r.Field("code"), "%s", r.Body)
	require.NotEmpty(t, r.Header.Get("Retry-After"))
	f.awaitAborted(t, r)
	baseline := fastest(func() client.Reply { return f.call(t, http.MethodGet, "/health", nil) })
	refused := fastest(func() client.Reply { return f.create(t, client.NewKey(), sale(m, "SKU", 1)) })
	require.Less(t, refused-baseline, 100*time.Millisecond, "GET /health takes %s", baseline)
	withoutStock := strings.Replace(sale(m, "SKU", 1), `"sku":"SKU",`, "", 1)
	require.Equal(t, http.StatusCreated, f.create(t, client.NewKey(), withoutStock).Status, "it needs no inventory")

	f.oneProbe(t, m)
	allow()
	require.Eventually(t, func() bool {
		return f.create(t, key, sale(m, "SKU", 1)).Status == http.StatusCreated
	}, 45*time.Second, time.Second)
	f.obeyed(t, m, "")
	for _, r := range failed {
		if r.Field("code") == "inventory_unavailable" { // the breaker was already open
			f.awaitAborted(t, r)
			continue
		}
		f.awaitState(t, r.Field("saga_id"), "COMPENSATED")
	}
	l, err := f.Stock(t.Context(), m, "SKU")
	require.NoError(t, err)
	require.EqualValues(t, 100_000, l.OnHand+l.Reserved+l.Sold)
}

// awaitAborted waits until the saga of a request that the breaker refused has ended. An instance that had
// seen the breaker open began none.
func (f *fixture) awaitAborted(t *testing.T, r client.Reply) {
	t.Helper()
	if id := r.Field("saga_id"); id != "" {
		f.awaitState(t, id, "ABORTED")
	}
}

// refuse makes functions refuse every call until allow or the test's end.
func (f *fixture) refuse(t *testing.T, functions ...string) (allow func()) {
	t.Helper()
	require.NoError(t, f.Allow(t.Context(), false, functions...))
	allow = func() { require.NoError(t, f.Allow(detached(t), true, functions...)) }
	t.Cleanup(allow)
	return allow
}

// oneProbe waits until a probe is due, sends ten requests concurrently and checks that one
// is admitted. An instance that cannot read the breaker within 300 ms admits its call too,
// which happens on a busy machine: such a period is followed by another, three at most.
func (f *fixture) oneProbe(t *testing.T, m string) {
	t.Helper()
	want := map[string]int{"temporarily_unavailable": 1, "inventory_unavailable": 9}
	var counts map[string]int
	for range 3 {
		counts = f.probePeriod(t, m)
		if maps.Equal(want, counts) {
			return
		}
		t.Logf("answers in this period: %v", counts)
	}
	require.Equal(t, want, counts)
}

// probePeriod waits until a probe is due and returns how often each code answered ten
// concurrent requests. The failed probe keeps the breaker open for one period more.
func (f *fixture) probePeriod(t *testing.T, m string) map[string]int {
	t.Helper()
	opened, err := f.breaker().Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, breaker.Open, opened.State)
	time.Sleep(time.Until(time.UnixMilli(opened.Until)) + time.Second)
	codes := make(chan string, 10)
	for range cap(codes) {
		go func() {
			r, _ := f.Create(t.Context(), client.NewKey(), []byte(sale(m, "SKU", 1)))
			codes <- r.Field("code")
		}()
	}
	counts := map[string]int{}
	for range cap(codes) {
		counts[<-codes]++
	}
	again, err := f.breaker().Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, opened.Generation+1, again.Generation, "open for another period")
	return counts
}

func (f *fixture) breaker() *breaker.Breaker {
	return breaker.New(f.DB, breaker.Config{Table: f.Vars(deployment.PlatformTable), Name: "inventory"}, time.Now)
}

// TestBreakerForcedByAnOperator: the running functions obey `make breaker-open` and
// `make breaker-auto`.
func TestBreakerForcedByAnOperator(t *testing.T) {
	f := setup(t)
	m := f.merchant(t, "advise")
	f.stock(t, m, "SKU", 100)
	_, err := f.breaker().Force(t.Context(), breaker.Open, "the integration test", "")
	require.NoError(t, err)
	reset := func() {
		_, err := f.breaker().Reset(detached(t), "the integration test", "")
		require.NoError(t, err)
	}
	t.Cleanup(reset)
	f.obeyed(t, m, "inventory_unavailable")
	reset()
	f.obeyed(t, m, "")
}

// obeyed waits until five sales in a row are answered with a code; "" means that an invoice is
// issued. An instance that has not read the breaker within 300 ms keeps to the state that it
// saw last, which happens on a busy machine.
func (f *fixture) obeyed(t *testing.T, m, code string) {
	t.Helper()
	row := 0
	err := stack.Await(t.Context(), 30*time.Second, func() (bool, error) {
		r := f.create(t, client.NewKey(), sale(m, "SKU", 1))
		if r.Field("code") != code {
			row = 0
			return false, fmt.Errorf("answered %d %s", r.Status, r.Body)
		}
		row++
		return row == 5, nil
	})
	require.NoError(t, err)
}

// fastest returns the shortest latency of ten calls, the one least disturbed by other load.
func fastest(call func() client.Reply) time.Duration {
	least := time.Hour
	for range 10 {
		least = min(least, call().Took)
	}
	return least
}

// failUntilItOpens sends twelve requests at a time until the breaker opens: on a slow
// machine the first twelve may exceed the breaker's window.
func (f *fixture) failUntilItOpens(t *testing.T, m string) []client.Reply {
	t.Helper()
	var all []client.Reply
	require.NoError(t, stack.Await(t.Context(), time.Minute, func() (bool, error) {
		dozen := make([]client.Reply, 12)
		var wg sync.WaitGroup
		for i := range dozen {
			wg.Go(func() { dozen[i], _ = f.Create(t.Context(), client.NewKey(), []byte(sale(m, "SKU", 1))) })
		}
		wg.Wait()
		for _, r := range dozen {
			require.Equal(t, http.StatusServiceUnavailable, r.Status, "%s", r.Body)
		}
		all = append(all, dozen...)
		ready := f.call(t, http.MethodGet, "/health/ready", nil)
		return strings.Contains(string(ready.Body), `{"name":"inventory","ok":false}`), nil
	}))
	return all
}
