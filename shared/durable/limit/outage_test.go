package limit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/limit"
)

func TestWithoutTheTableAProcessLimitsAlone(t *testing.T) {
	t.Parallel()
	simulate(t, plan, func(t *testing.T, f *fixture) {
		t.Helper()
		f.fault = func() (bool, error) { return false, errAway }
		l, other := f.process(), f.process()
		require.Equal(t, 5, burst(t, l, 20))
		require.Equal(t, 5, burst(t, other, 20))
		f.advance(999 * time.Millisecond)
		require.Equal(t, 4, burst(t, l, 4))
		require.Len(t, f.saw, 2, "a process waits for a second before it tries again")
		f.advance(time.Millisecond)
		request(t, l)
		require.Len(t, f.saw, 3)
	})
}

func TestWhatAnOutageLeftIsOwed(t *testing.T) {
	t.Parallel()
	for outage, charged := range map[time.Duration]time.Duration{
		time.Second:             600 * time.Millisecond, // in full
		1300 * time.Millisecond: 300 * time.Millisecond, // what has not drained at the rate
		time.Hour:               100 * time.Millisecond, // the request itself
	} {
		simulate(t, plan, func(t *testing.T, f *fixture) {
			t.Helper()
			f.fault = func() (bool, error) { return false, errAway }
			l := f.process()
			require.Equal(t, 5, burst(t, l, 5))
			f.advance(outage)
			f.fault = nil
			require.Equal(t, 1, burst(t, l, 1))
			last := f.saw[len(f.saw)-1]
			require.Equal(t, charged, last.Amount)
			require.Equal(t, time.Second, f.now().Sub(last.Since))
		})
	}
}

// Requests that are admitted during a settlement are not in its result.
func TestRequestsAreOwedDuringASettlement(t *testing.T) {
	t.Parallel()
	simulate(t, plan, func(t *testing.T, f *fixture) {
		t.Helper()
		f.takes = 50 * time.Millisecond
		f.state[key] = limit.State{TAT: f.now().Add(400 * time.Millisecond)}
		l := f.process()
		for range 3 {
			require.True(t, l.Allow(t.Context(), merchant).Allowed)
		}
		f.rest(f.takes)
		require.Equal(t, 250*time.Millisecond, request(t, l).RetryAfter, "in the table 500 ms, and two requests")
	})
}

// A merchant that kept its rate during an outage is not refused after it.
func TestAnOutageIsNotChargedToAMerchantBelowItsRate(t *testing.T) {
	t.Parallel()
	simulate(t, limit.PerMerchant().Rate, func(t *testing.T, f *fixture) {
		t.Helper()
		fleet := []*limit.Limiter{f.process(), f.process(), f.process(), f.process()}
		away, back := f.now().Add(time.Minute), f.now().Add(11*time.Minute)
		f.fault = func() (bool, error) {
			if f.now().After(away) && f.now().Before(back) {
				return false, errAway
			}
			return true, nil
		}
		for i := 0; f.now().Before(back.Add(time.Minute)); i++ {
			require.True(t, request(t, fleet[i%len(fleet)]).Allowed)
			f.advance(time.Second / 45)
		}
	})
}

// The other processes' requests are charged once, those whose reply was lost twice: it refuses
// rather than admits too much.
func TestALostReplyIsChargedTwice(t *testing.T) {
	t.Parallel()
	simulate(t, plan, func(t *testing.T, f *fixture) {
		t.Helper()
		f.fault = func() (bool, error) { return true, errAway }
		l := f.process()
		require.True(t, request(t, l).Allowed)
		f.fault = nil
		f.advance(time.Second)
		began := f.now()
		require.True(t, request(t, l).Allowed)
		require.True(t, f.state[key].TAT.Equal(began.Add(-time.Second).Add(300*time.Millisecond)))
	})
}

func TestAFloodIsForgivenInPart(t *testing.T) {
	t.Parallel()
	simulate(t, plan, func(t *testing.T, f *fixture) {
		t.Helper()
		for range 300 {
			burst(t, f.process(), 3)
		}
		longest := limit.MaxDebt + 500*time.Millisecond + time.Second
		l := f.process()
		require.True(t, request(t, l).Allowed)
		refused := request(t, l).RetryAfter
		require.Greater(t, refused, limit.MaxDebt-time.Second)
		require.LessOrEqual(t, refused, longest)
		f.advance(refused)
		require.True(t, request(t, l).Allowed)
	})
}

// A process that had the wrong time does not refuse a merchant for hours.
func TestAWrongClockIsForgiven(t *testing.T) {
	t.Parallel()
	simulate(t, plan, func(t *testing.T, f *fixture) {
		t.Helper()
		f.wrong = 24 * time.Hour
		wrong := f.process()
		require.Equal(t, 5, burst(t, wrong, 9))
		f.wrong = 0
		require.Equal(t, 5, burst(t, f.process(), 9), "another process")
		require.True(t, request(t, wrong).Allowed, "its own clock was set back")
		require.Len(t, f.saw, 3)
		require.Less(t, request(t, wrong).RetryAfter, time.Second)
		require.Less(t, f.state[key].TAT.Sub(f.now()), time.Minute)
	})
}
