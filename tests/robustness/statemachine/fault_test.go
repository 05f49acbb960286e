package statemachine_test

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"pgregory.net/rapid"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// Faults of one write of a run.
const (
	none        = ""
	lost        = "lost"         // the write does not land
	replyLost   = "reply lost"   // the write lands and its reply is lost
	canceled    = "canceled"     // the caller cancels before the write
	cancelLate  = "cancels late" // the caller cancels after the write has landed
	diesBefore  = "dies before"  // the process ends before the write
	diesAfter   = "dies after"   // the process ends after the write has landed
	stalls      = "stalls"       // the write waits until the run is resumed
	messageLost = "message lost" // the writes succeed and the messages are lost
)

// fault is the fault of one run, carried by its context. Writes are counted from 0.
type fault struct {
	how string
	at  int

	mu      sync.Mutex
	seen    int
	dead    bool
	cancel  context.CancelFunc
	reached chan struct{} // closed when the run stalls
	resume  chan struct{}
}

type faultKey struct{}

// withFault returns the context of a run with a fault.
func withFault(ctx context.Context, how string, at int) (context.Context, *fault) {
	f := &fault{how: how, at: at, reached: make(chan struct{}), resume: make(chan struct{})}
	ctx, f.cancel = context.WithCancel(ctx)
	return context.WithValue(ctx, faultKey{}, f), f
}

// drawFault draws a fault; about every third run has none.
func drawFault(rt *rapid.T) (how string, at int) {
	how = rapid.SampledFrom([]string{
		none, none, none, none, lost, replyLost, canceled, cancelLate, diesBefore, diesAfter, messageLost,
	}).Draw(rt, "fault")
	if how != none && how != messageLost {
		at = rapid.IntRange(0, 4).Draw(rt, "at")
	}
	return how, at
}

// inject sends a write with the fault of its run. After the process has died, all calls of
// the run fail.
func inject[O any](ctx context.Context, send func(context.Context) (*O, error)) (*O, error) {
	f, _ := ctx.Value(faultKey{}).(*fault)
	if f == nil {
		return send(ctx)
	}
	switch how := f.next(); how {
	case lost, diesBefore:
		return nil, dynamotest.ErrLost
	case canceled:
		f.cancel()
		return nil, context.Canceled
	case replyLost, diesAfter, cancelLate:
		_, _ = send(context.WithoutCancel(ctx))
		if how == cancelLate {
			f.cancel()
			return nil, context.Canceled
		}
		return nil, dynamotest.ErrLost
	case stalls:
		close(f.reached)
		<-f.resume
		return send(context.WithoutCancel(ctx))
	default:
		return send(ctx)
	}
}

func (f *fault) next() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.seen
	f.seen++
	if f.dead {
		return lost
	}
	if n != f.at {
		return none
	}
	f.dead = f.how == diesBefore || f.how == diesAfter
	return f.how
}

func (f *fault) died() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dead
}

// faultyClient is a client whose writes have the faults of their runs.
type faultyClient struct{ *dynamodb.Client }

type option = func(*dynamodb.Options)

func (c faultyClient) PutItem(
	ctx context.Context, in *dynamodb.PutItemInput, o ...option,
) (*dynamodb.PutItemOutput, error) {
	return inject(ctx, func(ctx context.Context) (*dynamodb.PutItemOutput, error) {
		return c.Client.PutItem(ctx, in, o...)
	})
}

func (c faultyClient) UpdateItem(
	ctx context.Context, in *dynamodb.UpdateItemInput, o ...option,
) (*dynamodb.UpdateItemOutput, error) {
	return inject(ctx, func(ctx context.Context) (*dynamodb.UpdateItemOutput, error) {
		return c.Client.UpdateItem(ctx, in, o...)
	})
}

func (c faultyClient) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...option,
) (*dynamodb.TransactWriteItemsOutput, error) {
	return inject(ctx, func(ctx context.Context) (*dynamodb.TransactWriteItemsOutput, error) {
		return c.Client.TransactWriteItems(ctx, in, o...)
	})
}

func (c faultyClient) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, o ...option,
) (*dynamodb.GetItemOutput, error) {
	if f, _ := ctx.Value(faultKey{}).(*fault); f != nil && f.died() {
		return nil, dynamotest.ErrLost
	}
	return c.Client.GetItem(ctx, in, o...)
}

// pollingClient is the client of requests that wait for a key: each poll takes two seconds
// of the tests' clock.
type pollingClient struct {
	faultyClient
	clock *clock
}

func (c pollingClient) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, o ...option,
) (*dynamodb.GetItemOutput, error) {
	c.clock.advance(pollDuration)
	return c.faultyClient.GetItem(ctx, in, o...)
}
