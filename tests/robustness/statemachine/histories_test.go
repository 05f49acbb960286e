package statemachine_test

import (
	"context"
	"flag"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/gst/money"
)

// TestMain asks rapid for fewer checks than its hundred, to shrink a failure for ten
// seconds, and to print its seed instead of keeping a file. The command line overrules
// it.
func TestMain(m *testing.M) {
	_ = flag.Set("rapid.checks", "40")
	_ = flag.Set("rapid.nofailfile", "true")
	_ = flag.Set("rapid.shrinktime", "10s")
	os.Exit(m.Run())
}

// TestHistories has clients ask through both doors, again, with other payloads, at
// once, and go away; has messages arrive late, twice and in any order; has processes
// stall and die at any write, the clock jump, and recovery run. After every step the
// tables keep the promises, and clients are told what a small model says. In the end
// everything comes to rest.
func TestHistories(t *testing.T) {
	client := dynamotest.Client(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, client)
		defer w.drop(context.Background())
		m := begin(t.Context(), rt, w)
		defer m.wake()
		rt.Repeat(map[string]func(*rapid.T){
			"ask": m.ask, "ask again": m.ask, "accept": m.accept, "enqueue": m.enqueue, "duplicate": m.duplicate,
			"stall": m.stall, "resume": m.resume, "deliver": m.deliver, "deliver more": m.deliver, "compensate": m.compensate,
			"recover": m.recover, "late reserve": m.lateReserve, "count": m.count, "wait": m.wait,
		})
		m.rest(rt)
	})
}

// machine is the test's state: the world, and what its clients know.
type machine struct {
	*world
	ctx     context.Context // rapid's actions take none
	sales   [][]sale
	books   []*book
	counted map[string]money.Quantity
	last    snapshot
	asleep  []sleeper
}

// sleeper is a run that stalls.
type sleeper struct {
	sale  sale
	fault *fault
	done  chan reply
}

func begin(ctx context.Context, rt *rapid.T, w *world) *machine {
	m := &machine{world: w, ctx: ctx, sales: drawSales(rt), counted: map[string]money.Quantity{}}
	for range m.sales {
		m.books = append(m.books, &book{doubt: map[string]bool{}})
	}
	for _, sku := range []string{"X", "Y"} {
		m.setStock(rt, sku, rapid.IntRange(0, 12).Draw(rt, "stock"))
	}
	m.last = w.snapshot(ctx, rt)
	return m
}

// wake lets runs go that a failed check left asleep.
func (m *machine) wake() {
	for _, z := range m.asleep {
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
