package limit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/invochain/invochain/shared/durable/limit"
)

// reference is GCRA as ITU-T I.371 gives it, for all requests of a fleet in one place.
type reference struct {
	each, tolerance time.Duration
	tat             time.Time
}

func exactly(r limit.Rate) *reference {
	each := time.Second / time.Duration(r.PerSecond)
	return &reference{each: each, tolerance: time.Duration(r.Burst-1) * each}
}

func (r *reference) debt(now time.Time) time.Duration { return r.tat.Sub(now) }

func (r *reference) conforms(now time.Time) bool { return r.debt(now) <= r.tolerance }

func (r *reference) count(now time.Time) {
	if r.tat.Before(now) {
		r.tat = now
	}
	r.tat = r.tat.Add(r.each)
}

func anyRate(t *rapid.T) limit.Rate {
	per := rapid.SampledFrom([]int{1, 3, 10, 50, 1000}).Draw(t, "per second")
	return limit.Rate{PerSecond: per, Burst: rapid.IntRange(1, min(60*per, 100)).Draw(t, "burst")}
}

// step is a request of a random process.
type step struct {
	pause   time.Duration
	process int
	lost    bool // a settlement that begins with it
}

// anyPause is mostly shorter than a settlement's interval, and sometimes that of a frozen process.
func anyPause() *rapid.Generator[time.Duration] {
	milliseconds := func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }
	return rapid.OneOf(rapid.Just(time.Duration(0)), rapid.Map(rapid.IntRange(0, 50), milliseconds),
		rapid.Map(rapid.IntRange(0, 10_000), milliseconds))
}

func anyStep(processes int, losses bool) *rapid.Generator[step] {
	return rapid.Custom(func(t *rapid.T) step {
		return step{
			anyPause().Draw(t, "pause"), rapid.IntRange(0, processes-1).Draw(t, "process"),
			losses && rapid.IntRange(0, 9).Draw(t, "loss") == 0,
		}
	})
}

// verdict checks a decision, with the reference before it counts the request.
type verdict func(now time.Time, exact *reference, d limit.Decision) error

// requests makes requests in a bubble, until check returns an error.
func requests(t *testing.T, r limit.Rate, steps []step, check verdict) error {
	t.Helper()
	var err error
	simulate(t, r, func(t *testing.T, f *fixture) {
		t.Helper()
		fleet, exact := map[int]*limit.Limiter{}, exactly(r)
		for _, s := range steps {
			f.advance(s.pause)
			f.fault = func() (bool, error) {
				if s.lost {
					return false, errAway
				}
				return true, nil
			}
			if fleet[s.process] == nil {
				fleet[s.process] = f.process()
			}
			d := request(t, fleet[s.process])
			if err = check(f.now(), exact, d); err != nil {
				return
			}
			if d.Allowed {
				exact.count(f.now())
			}
		}
	})
	return err
}

// One process decides as the reference does, whether its settlements succeed or fail.
func TestOneProcessIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		rate, steps := anyRate(rt), rapid.SliceOfN(anyStep(1, true), 1, 200).Draw(rt, "steps")
		require.NoError(rt, requests(t, rate, steps, func(now time.Time, exact *reference, d limit.Decision) error {
			if d.Allowed != exact.conforms(now) {
				return fmt.Errorf("allowed: %t, with a debt of %s", d.Allowed, exact.debt(now))
			}
			return nil
		}))
	})
}

// A fleet refuses a request only if the reference would, after the requests of a second more. The
// reference's debt does not grow over time: it stays within a burst for each process that may
// not know of the others', one more, and the times for which a charge may start too early.
func TestAFleetIsNearlyExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		rate, processes := anyRate(rt), rapid.IntRange(2, 6).Draw(rt, "processes")
		steps, lately := rapid.SliceOfN(anyStep(processes, false), 1, 300).Draw(rt, "steps"), []time.Time{}
		require.NoError(rt, requests(t, rate, steps, func(now time.Time, exact *reference, d limit.Decision) error {
			for len(lately) > 0 && now.Sub(lately[0]) > time.Second {
				lately = lately[1:]
			}
			debt, recent := exact.debt(now), time.Duration(len(lately))*exact.each
			if !d.Allowed && debt+recent <= exact.tolerance {
				return fmt.Errorf("refused with a debt of %s and requests of %s lately", debt, recent)
			}
			if most := time.Duration(processes+1)*(exact.tolerance+exact.each) + 1250*time.Millisecond; debt > most {
				return fmt.Errorf("a debt of %s", debt)
			}
			if d.Allowed {
				lately = append(lately, now)
			}
			return nil
		}))
	})
}
