package breaker_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

func TestAnUnreadableStateLetsCallsThrough(t *testing.T) {
	f := newFleet(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := f.process()
	_, err := b.Acquire(t.Context(), b.State(ctx))
	require.NoError(t, err)
	f.db.Hook = func(string) (bool, error) { return false, errors.New("table away") }
	require.True(t, call(t, f.process(), false))
}

// TestAnUnreadableStateIsBelievedForItsTime: what was seen open is not asked while
// the table is away, too; nor for longer than it said.
func TestAnUnreadableStateIsBelievedForItsTime(t *testing.T) {
	f := newFleet(t)
	f.open(t)
	b := f.process()
	require.False(t, call(t, b, true))
	f.later(29 * time.Second)
	unreadable, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.Acquire(t.Context(), b.State(unreadable))
	require.Error(t, err)
	f.later(time.Second)
	require.Equal(t, breaker.Closed, b.State(unreadable).State)
}

func TestARefusalMakesNoCallOfItsOwn(t *testing.T) {
	f := newFleet(t)
	f.open(t)
	b := f.process()
	seen := b.State(t.Context())
	f.db.Forget()
	f.later(10 * time.Second)
	_, err := b.Acquire(t.Context(), seen)
	require.Error(t, err)
	require.Empty(t, f.db.Calls())
}

// held is a table whose reads are answered late.
type held struct {
	*dynamotest.Faults
	read, release chan struct{}
}

func (h *held) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	out, err := h.Faults.GetItem(ctx, in, o...)
	close(h.read)
	<-h.release
	return out, err
}

func TestAnAnswerThatWasOvertakenBringsNothingBack(t *testing.T) {
	f := newFleet(t)
	h := &held{f.db, make(chan struct{}), make(chan struct{})}
	b := breaker.New(h, breaker.Config{Table: f.table, Name: "inventory"}, f.now)
	p, err := b.Acquire(t.Context(), breaker.Snapshot{})
	require.NoError(t, err)
	var wg sync.WaitGroup
	var overtaken breaker.Snapshot
	wg.Go(func() { overtaken = b.State(t.Context()) })
	<-h.read
	p.Done(t.Context(), false)
	close(h.release)
	wg.Wait()
	require.EqualValues(t, 1, overtaken.Failures)
	require.EqualValues(t, 1, b.State(t.Context()).Failures)
}
