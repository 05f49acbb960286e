package limit_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/limit"
)

// load is what a simulated merchant offers to a fleet, each of whose processes serves one
// request at a time. Requests arrive at random times (Poisson).
type load struct {
	processes int
	offered   float64 // requests a second
	rate      limit.Rate
}

type result struct{ admitted, refused, fullest, writes int }

const simulated = time.Minute

// run returns what was admitted and refused, and the most that was admitted in one second.
func (l load) run(t *testing.T, f *fixture) result {
	t.Helper()
	f.takes = 5 * time.Millisecond
	var mu sync.Mutex
	var wg sync.WaitGroup
	var r result
	seconds, started := map[int]int{}, f.now()
	for i := range l.processes {
		process, random := f.process(), rand.New(rand.NewPCG(1, uint64(i)))
		wg.Go(func() {
			pause := float64(l.processes) / l.offered * float64(time.Second)
			for f.now().Sub(started) < simulated {
				f.advance(time.Duration(random.ExpFloat64() * pause))
				d := request(t, process)
				mu.Lock()
				if d.Allowed {
					r.admitted++
					seconds[int(f.now().Sub(started)/time.Second)]++
				} else {
					r.refused++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for _, n := range seconds {
		r.fullest = max(r.fullest, n)
	}
	r.writes = f.writes
	return r
}

// TestFleet simulates a minute. A merchant below its rate is not refused; one above gets its
// rate and a few percent. `go test -run TestFleet -v` prints the table.
func TestFleet(t *testing.T) {
	t.Parallel()
	plan := limit.PerMerchant().Rate
	t.Logf("| %9s | %9s | %16s | %8s | %8s | %7s | %12s | %18s |", "processes", "offered/s", "limit", "admitted",
		"of limit", "refused", "in a second", "writes per request")
	for _, tc := range []struct {
		load
		over float64 // most that may be admitted above the limit, as a share of it
	}{
		{load{1, 40, plan}, 0},
		{load{4, 40, plan}, 0},
		{load{16, 45, plan}, 0},
		{load{100, 40, plan}, 0},
		{load{4, 200, plan}, 0.01},
		{load{50, 1000, plan}, 0.02},
		{load{50, 400, limit.Rate{PerSecond: 500, Burst: 1000}}, 0},
		{load{100, 5000, plan}, 0.04},
	} {
		simulate(t, tc.rate, func(t *testing.T, f *fixture) {
			t.Helper()
			r := tc.run(t, f)
			most := tc.rate.PerSecond*int(simulated.Seconds()) + tc.rate.Burst
			offered := r.admitted + r.refused
			t.Logf("| %9d | %9.0f | %16s | %8d | %+7.1f%% | %7d | %12d | %18.2f |", tc.processes, tc.offered, tc.rate,
				r.admitted, 100*float64(r.admitted-most)/float64(most), r.refused, r.fullest, float64(r.writes)/float64(offered))
			require.LessOrEqual(t, float64(r.admitted), float64(most)*(1+tc.over))

			if tc.offered < float64(tc.rate.PerSecond) {
				require.Zero(t, r.refused)
			} else {
				require.Greater(t, float64(r.admitted), 0.97*float64(most), "a merchant gets its rate")
			}
		})
	}
}
