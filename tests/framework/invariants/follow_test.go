package invariants

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
)

// slowTap returns its reads in order, each after its time, and then nothing.
type slowTap struct {
	reads []slowRead
	next  int
}

type slowRead struct {
	takes time.Duration
	sagas []string
}

func (s *slowTap) Next(ctx context.Context) ([]events.Event, error) {
	read := slowRead{takes: time.Second}
	if s.next < len(s.reads) {
		read = s.reads[s.next]
	}
	s.next++
	select {
	case <-time.After(read.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var got []events.Event
	for _, saga := range read.sagas {
		got = append(got, events.Event{ID: "event-" + saga, SagaID: saga, MerchantID: "m"})
	}
	return got, nil
}

func (s *slowTap) Close(context.Context) error { return nil }

// TestASlowReadIsAwaited: on a loaded machine a read of ten events took longer than the quiet
// period, and the books were closed without them.
func TestASlowReadIsAwaited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := &slowTap{reads: []slowRead{
			{takes: time.Second, sagas: []string{"1"}},
			{takes: time.Second},
			{takes: 3 * quietPeriod, sagas: []string{"2", "3"}},
			{takes: quietPeriod - time.Second},
			{takes: 2 * quietPeriod, sagas: []string{"4"}},
		}}
		f := follow(t.Context(), slow, func(string) bool { return true })
		defer f.close(t.Context())
		published, ids, err := f.all(t.Context())
		require.NoError(t, err)
		require.Equal(t, map[string]int{"1": 1, "2": 1, "3": 1, "4": 1}, published)
		require.Len(t, ids, 4)
	})
}
