package crash_test

import (
	"flag"
	"hash/fnv"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/robustness/crash"
)

// oneIn tells how many of the pairs of faults are run: one in so many.
var oneIn = flag.Int("pairs", 1, "run one in so many pairs of faults; 0 for none") //nolint:gochecknoglobals // a flag

func now() time.Time { return time.Now() }

// scenario is what a client does: play is its first try, retry the one after
// recovery.
type scenario struct {
	name        string
	prepare     func(*testing.T, *bed) // before the faults
	play, retry func(*bed) crash.Answer
	before      int    // invoices that prepare left
	refusal     string // what the retry is answered with for good; empty for 201
}

func post(number string, header ...string) func(*bed) crash.Answer {
	return func(b *bed) crash.Answer { return b.Post(uuid(1), b.sale(number), header...) }
}

func scenarios() []scenario {
	return []scenario{
		{name: "sale", play: post("A-1"), retry: post("A-1")},
		{name: "series", play: post(""), retry: post("")},
		{name: "async", play: post("A-1", "Prefer", "respond-async"), retry: post("A-1")},
		{name: "queue", retry: post("A-1"), play: func(b *bed) crash.Answer {
			b.Request(uuid(1), b.sale("A-1"))
			return crash.Answer{}
		}},
		{name: "number taken", play: post("a-1"), retry: post("a-1"), before: 1, refusal: "invoice_number_taken", prepare: func(t *testing.T, b *bed) {
			t.Helper()
			require.Equal(t, 201, b.Post(uuid(9), b.sale("A-1")).Status)
			b.Settle()
		}},
		{name: "inventory away", retry: post("A-1"), play: func(b *bed) crash.Answer {
			b.SetAway(true)
			defer b.SetAway(false)
			return b.Post(uuid(1), b.sale("A-1"))
		}},
	}
}

// TestCrash makes each write of a scenario fail in each way, and then, in each way,
// each write that followed; recovery, a retry and a redelivery of every message
// come after. Writes are recorded, not listed: a new one is covered by being made.
func TestCrash(t *testing.T) {
	t.Parallel()
	for range cap(beds) {
		beds <- newBed(t, "1")
	}
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for _, first := range singles(run(t, s)) {
				t.Run(first.String(), func(t *testing.T) {
					t.Parallel()
					pairs(t, s, first, run(t, s, first))
				})
			}
		})
	}
}

// singles are the faults of each write, and the storms: every write throttled, or
// every transaction cancelled, until the client was answered.
func singles(recorded []string) []crash.Fault {
	all := []crash.Fault{{Write: crash.Every, How: crash.Throttled}, {Write: crash.Every, How: crash.Conflicted}}
	for _, write := range recorded {
		for _, how := range ways(write) {
			all = append(all, crash.Fault{Write: write, How: how})
		}
	}
	return all
}

// ways that a write can fail in.
func ways(write string) []string {
	all := []string{crash.Lost, crash.ReplyLost, crash.DiesBefore, crash.DiesAfter, crash.Stalls}
	if strings.Contains(write, "Item") {
		all = append(all, crash.Throttled)
	}
	if strings.Contains(write, "TransactWriteItems") {
		all = append(all, crash.Conflicted)
	}
	return all
}

// TestTheSDKsOwnRetry: a reply that is lost below the SDK is asked for again by the
// SDK, so a write can meet itself.
//
//nolint:tparallel // the cases share one bed
func TestTheSDKsOwnRetry(t *testing.T) {
	t.Parallel()
	b := newBed(t, "3")
	for _, s := range scenarios()[:2] {
		for _, write := range on(t, b, s) {
			t.Run(s.name+"/"+write, func(t *testing.T) { on(t, b, s, crash.Fault{Write: write, How: crash.ReplyLost}) })
		}
	}
}

// pairs runs the scenario with a second fault in each write that came after the
// first, which with the first fault are others than without.
func pairs(t *testing.T, s scenario, first crash.Fault, recorded []string) {
	t.Helper()
	after := false
	for _, write := range recorded {
		if write == first.Write {
			after = true
			continue
		}
		for _, how := range []string{crash.Lost, crash.ReplyLost, crash.DiesAfter} {
			second := crash.Fault{Write: write, How: how}
			if !after || !chosen(first.String()+second.String()) {
				continue
			}
			t.Run(second.String(), func(t *testing.T) {
				t.Parallel()
				run(t, s, first, second)
			})
		}
	}
}

func chosen(name string) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return *oneIn > 0 && h.Sum32()%uint32(*oneIn) == 0
}

// run plays a scenario with faults on a free bed, checks the promises, and returns
// the writes that were made.
func run(t *testing.T, s scenario, faults ...crash.Fault) []string {
	t.Helper()
	b := <-beds
	defer func() { beds <- b }()
	return on(t, b, s, faults...)
}

func on(t *testing.T, b *bed, s scenario, faults ...crash.Fault) []string {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Log("replay: " + replay(t.Name()))
		}
	}()
	b.begin(t)
	if s.prepare != nil {
		s.prepare(t, b)
	}
	b.Arm(faults)
	defer b.LandStalled()
	first := s.play(b)
	if len(faults) == 1 && faults[0].Write == crash.Every {
		b.Arm(nil)
	}
	require.NoError(t, b.Recover(t.Context(), b.db))
	b.LandStalled()
	require.NoError(t, b.Recover(t.Context(), b.db))
	recorded := b.Recorded()
	b.Arm(nil) // a fault that has not come by now would hit the retry that must succeed
	b.verdict(t, s, first)
	b.Again()
	require.NoError(t, b.Recover(t.Context(), b.db))
	b.verdict(t, s, first)
	return recorded
}

// verdict retries and checks what stands.
func (b *bed) verdict(t *testing.T, s scenario, first crash.Answer) {
	t.Helper()
	answer := s.retry(b)
	require.NoError(t, b.Recover(t.Context(), b.db))
	if s.refusal != "" {
		require.Equal(t, s.refusal, answer.Code, "%+v", answer)
		b.check(t, s.before)
		return
	}
	require.Equal(t, 201, answer.Status, "%+v", answer)
	if first.Status == 201 {
		require.Equal(t, first.Body, answer.Body, "P2: what was answered once is answered again")
	}
	b.check(t, s.before+1)
}

// replay is the command that runs one case again.
func replay(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return "make crash CASE='" + strings.Join(parts, "/") + "'"
}
