package statemachine_test

import (
	"context"
	"flag"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/gst/money"
)

// TestMain sets rapid's defaults: fewer checks than a hundred, ten seconds to shrink a
// failure, and a printed seed instead of a file. The command line overrides them.
func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "40")
	_ = flag.Set("rapid.nofailfile", "true")
	_ = flag.Set("rapid.shrinktime", "10s")
	os.Exit(m.Run())
}

// transactionHeld is how long a transaction holds its items before it takes effect, and after.
const transactionHeld = 2 * time.Millisecond

// TestHistories runs random histories. Clients send requests to the API and the queue,
// repeat them, change their payloads, send duplicates concurrently, and cancel invoices. Messages
// arrive late, twice and in any order. Processes stall and die at any write, writes that meet
// a transaction are refused as on AWS, the clock jumps, and recovery runs. After every step the
// tables keep the promises, and the replies agree with a small model. In the end everything
// settles.
func TestHistories(t *testing.T) {
	client, transport := dynamotest.ConflictingClient(t, transactionHeld, transactionHeld)
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(t, client)
		defer f.deleteTables(context.Background())
		m := newMachine(t.Context(), rt, f)
		defer m.resumeAll()
		rt.Repeat(map[string]func(*rapid.T){
			"create": m.create, "create again": m.create, "accept": m.accept, "enqueue": m.enqueue,
			"duplicate": m.duplicate, "stall": m.stall, "resume": m.resume, "deliver": m.deliver,
			"deliver more": m.deliver, "compensate": m.compensate, "recover": m.recover,
			"cancel": m.cancel, "late reserve": m.lateReserve, "count": m.count, "wait": m.wait,
		})
		m.settle(rt)
	})
	t.Logf("%d writes met a transaction", transport.Conflicts())
}

// machine is the state of the test: the fixture and the knowledge of its clients.
type machine struct {
	*fixture
	ctx     context.Context // rapid's actions take none
	sales   [][]sale
	keys    []*keyModel
	cancels map[string]string // answers of cancellations by key
	counted map[string]money.Quantity
	last    snapshot
	stalled []stalledRun
}

// stalledRun is a run that waits at one of its writes.
type stalledRun struct {
	sale  sale
	fault *fault
	done  chan reply
}

func newMachine(ctx context.Context, rt *rapid.T, f *fixture) *machine {
	m := &machine{
		fixture: f, ctx: ctx, sales: drawSales(rt), counted: map[string]money.Quantity{}, cancels: map[string]string{},
	}
	for range m.sales {
		m.keys = append(m.keys, &keyModel{pending: map[string]bool{}})
	}
	for _, sku := range []string{"X", "Y"} {
		m.setStock(rt, sku, rapid.IntRange(0, 12).Draw(rt, "stock"))
	}
	m.last = f.snapshot(ctx, rt)
	return m
}

// resumeAll resumes the runs that a failed check left stalled.
func (m *machine) resumeAll() {
	for _, z := range m.stalled {
		close(z.fault.resume)
	}
}

func (m *machine) draw(rt *rapid.T) sale {
	of := m.sales[rapid.IntRange(0, len(m.sales)-1).Draw(rt, "key")]
	if rapid.IntRange(0, 5).Draw(rt, "payload") == 0 {
		return of[1]
	}
	return of[0]
}
