package contention_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamolocal"
)

// held is how long a transaction holds its items before it takes effect and again after it.
const held = 12500 * time.Microsecond

// maxP95 bounds the p95 at 80 % of a budget.
const maxP95 = time.Second

//nolint:gochecknoglobals // flags
var (
	duration = flag.Duration("duration", 3*time.Second, "duration of each load")
	part     = flag.Float64("part", 0.2, "part of the budgets that is offered; latencies are judged from 1 on")
)

// loadOf is one load of a component.
type loadOf struct {
	name string
	rate float64 // a second
	fast bool    // its p95 is bounded
}

// loads returns the loads of a component with a budget: a fifth of it, while DynamoDB Local's bytecode is
// compiled, the budget, and 80 % of it, at which it must still be fast.
func loads(name string, budget float64) []loadOf {
	return []loadOf{
		{rate: *part * budget / 5},
		{name: name, rate: *part * budget},
		{name: name + ", at 80 %", rate: 0.8 * *part * budget, fast: *part >= 1},
	}
}

// judge requires that nothing failed, and that the load was fast if it has to be.
func (l loadOf) judge(t *testing.T, o outcome) {
	t.Helper()
	require.Zero(t, o.failed)
	if l.name == "" {
		return
	}
	o.record(l.name)
	if l.fast {
		require.Less(t, o.p95, maxP95)
	}
}

// outcome is what a load of one component came to.
type outcome struct {
	count         int
	asked, served float64 // a second
	p50, p95      time.Duration
	failed        int
	conflicts     int64
}

// report is the table of all loads of a run.
var report struct { //nolint:gochecknoglobals // printed at the end
	sync.Mutex

	rows []string
}

func TestMain(m *testing.M) {
	flag.Parse()
	server, err := dynamolocal.Start(context.Background(), dynamolocal.Config{
		Root: "../../..", JVM: dynamolocal.UnderLoad(), // as make up starts it
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1)
	}
	_ = os.Setenv("INVOCHAIN_TEST_DYNAMODB", server.URL())
	code := m.Run()
	server.Stop()
	if len(report.rows) > 0 {
		fmt.Println("\n| load | asked/s | served/s | p50 ms | p95 ms | failed | writes refused |\n" +
			"|---|---|---|---|---|---|---|\n" + strings.Join(report.rows, "\n"))
	}
	os.Exit(code)
}

func (o outcome) record(name string) {
	report.Lock()
	defer report.Unlock()
	report.rows = append(report.rows, fmt.Sprintf("| %s | %.0f | %.0f | %d | %d | %d | %d |",
		name, o.asked, o.served, o.p50.Milliseconds(), o.p95.Milliseconds(), o.failed, o.conflicts))
}

// offer starts requests at a constant rate, whether earlier ones have ended or not, for the
// duration, and waits for all of them. A latency counts from the time at which its request was to
// start.
func offer(t *testing.T, rate float64, request func(n int) error) outcome {
	t.Helper()
	count := int(rate * duration.Seconds())
	took, errs := make([]time.Duration, count), make([]error, count)
	began := time.Now()
	var wg sync.WaitGroup
	for n := range count {
		due := began.Add(time.Duration(float64(n) / rate * float64(time.Second)))
		time.Sleep(time.Until(due))
		wg.Go(func() {
			errs[n] = request(n)
			took[n] = time.Since(due)
		})
	}
	wg.Wait()
	o := outcome{count: count, asked: rate, served: float64(count) / time.Since(began).Seconds()}
	for _, err := range errs {
		if err != nil {
			if o.failed++; o.failed == 1 {
				t.Error(err)
			}
		}
	}
	slices.Sort(took)
	o.p50, o.p95 = took[count/2], took[count*95/100]
	return o
}
