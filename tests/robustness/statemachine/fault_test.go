package statemachine_test

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"pgregory.net/rapid"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// How a run of some code is disturbed at one of its writes.
const (
	fine        = ""
	lost        = "lost"              // the write never arrives
	replyLost   = "reply lost"        // it lands, and nobody is told
	cancelled   = "cancelled"         // the caller goes away, and the write with it
	cancelLate  = "cancelled late"    // the caller goes away once it has landed
	diesBefore  = "dies before"       // the process ends instead of it
	diesAfter   = "dies after"        // the process ends once it has landed
	stalled     = "stalls"            // it waits until it is let go, whatever happens meanwhile
	messageLost = "the nudge is lost" // all else is well
)

// fault is what happens to one run, carried by its context. Writes are counted from 0.
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

// under is the context of a run that meets a fault.
func under(ctx context.Context, how string, at int) (context.Context, *fault) {
	f := &fault{how: how, at: at, reached: make(chan struct{}), resume: make(chan struct{})}
	ctx, f.cancel = context.WithCancel(ctx)
	return context.WithValue(ctx, faultKey{}, f), f
}

// drawFault has most runs go well.
func drawFault(rt *rapid.T) (how string, at int) {
	how = rapid.SampledFrom([]string{fine, fine, fine, fine, lost, replyLost, cancelled, cancelLate, diesBefore, diesAfter, messageLost}).Draw(rt, "fault")
	if how != fine && how != messageLost {
		at = rapid.IntRange(0, 4).Draw(rt, "at")
	}
	return how, at
}

// disturb does a write, or lets it fail. After a death nothing of the run works.
func disturb[O any](ctx context.Context, send func(context.Context) (*O, error)) (*O, error) {
	f, _ := ctx.Value(faultKey{}).(*fault)
	if f == nil {
		return send(ctx)
	}
	switch how := f.next(); how {
	case lost, diesBefore:
		return nil, dynamotest.ErrLost
	case cancelled:
		f.cancel()
		return nil, context.Canceled
	case replyLost, diesAfter, cancelLate:
		_, _ = send(context.WithoutCancel(ctx))
		if how == cancelLate {
			f.cancel()
			return nil, context.Canceled
		}
		return nil, dynamotest.ErrLost
	case stalled:
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
		return fine
	}
	f.dead = f.how == diesBefore || f.how == diesAfter
	return f.how
}

func (f *fault) died() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dead
}

// wire is a client whose writes meet the faults of their runs.
type wire struct{ *dynamodb.Client }

func (w wire) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return disturb(ctx, func(ctx context.Context) (*dynamodb.PutItemOutput, error) { return w.Client.PutItem(ctx, in, o...) })
}

func (w wire) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return disturb(ctx, func(ctx context.Context) (*dynamodb.UpdateItemOutput, error) {
		return w.Client.UpdateItem(ctx, in, o...)
	})
}

func (w wire) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return disturb(ctx, func(ctx context.Context) (*dynamodb.TransactWriteItemsOutput, error) {
		return w.Client.TransactWriteItems(ctx, in, o...)
	})
}

func (w wire) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if f, _ := ctx.Value(faultKey{}).(*fault); f != nil && f.died() {
		return nil, dynamotest.ErrLost
	}
	return w.Client.GetItem(ctx, in, o...)
}

// waiting is the wire of those who wait for a key: each look takes them two seconds
// of the tests' clock, and hardly any of ours.
type waiting struct {
	wire
	clock *clock
}

func (w waiting) GetItem(ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	w.clock.pass(aLook)
	return w.wire.GetItem(ctx, in, o...)
}
