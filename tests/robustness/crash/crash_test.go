package crash_test

import (
	"encoding/json"
	"flag"
	"hash/fnv"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/tests/robustness/crash"
)

// oneIn selects one in so many pairs of faults.
var oneIn = flag.Int("pairs", 1, "run one in so many pairs of faults; 0 for none") //nolint:gochecknoglobals // a flag

func now() time.Time { return time.Now() }

// scenario is a client's first request and its retry after recovery.
type scenario struct {
	name           string
	prepare        func(*testing.T, *fixture) // before the faults
	request, retry func(*fixture) crash.Answer
	besides        int    // invoices of others: what prepare issues, or the batch of the request
	refusal        string // problem code of the retry; empty for success
	cancels        bool   // it cancels the invoice that prepare issued
}

func post(number string, header ...string) func(*fixture) crash.Answer {
	return func(f *fixture) crash.Answer { return f.Post(uuid(1), f.sale(number), header...) }
}

// issue issues the invoice A-1.
func issue(t *testing.T, f *fixture) {
	t.Helper()
	require.Equal(t, 201, f.Post(uuid(9), f.sale("A-1")).Status)
	f.Settle()
}

func cancel(f *fixture) crash.Answer { return f.Cancel(uuid(1), f.original) }

// returned is the credit note to invoice A-1 that brings its goods back.
func returned(f *fixture) crash.Answer {
	const fields = `{"document_type":"CRN","original_invoice_number":"A-1","restock":true,`
	note := strings.Replace(f.sale("C-1"), `{`, fields, 1)
	return f.Post(uuid(1), note)
}

func scenarios() []scenario {
	return []scenario{
		{name: "sale", request: post("A-1"), retry: post("A-1")},
		{name: "series", request: post(""), retry: post("")},
		{name: "async", request: post("A-1", "Prefer", "respond-async"), retry: post("A-1")},
		{name: "queue", retry: post("A-1"), request: func(f *fixture) crash.Answer {
			f.Request(uuid(1), f.sale("A-1"))
			return crash.Answer{}
		}},
		{name: "batch", retry: post(""), besides: 2, request: func(f *fixture) crash.Answer {
			for n := range 3 {
				f.Request(uuid(n+1), f.sale(""))
			}
			return crash.Answer{}
		}},
		{
			name: "number taken", request: post("a-1"), retry: post("a-1"), besides: 1, refusal: "invoice_number_taken",
			prepare: issue,
		},
		{
			name: "cancellation", request: cancel, retry: cancel, besides: 1, cancels: true,
			prepare: issue,
		},
		{
			name: "note", request: returned, retry: returned, besides: 1,
			prepare: issue,
		},
		{name: "inventory away", retry: post("A-1"), request: func(f *fixture) crash.Answer {
			f.SetAway(true)
			defer f.SetAway(false)
			return f.Post(uuid(1), f.sale("A-1"))
		}},
	}
}

// TestCrash makes each write of a scenario fail in each way, and then also each of the
// following writes. Afterwards it runs recovery, a retry and a redelivery of every message.
// It records the writes of a run, so a new write is covered without a change here.
func TestCrash(t *testing.T) {
	t.Parallel()
	for range cap(fixtures) {
		fixtures <- newFixture(t, "1")
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

// singles returns the faults of each write, and two faults of all writes until the client
// has its answer: every write throttled, every transaction canceled.
func singles(recorded []string) []crash.Fault {
	all := []crash.Fault{
		{Write: crash.Every, How: crash.Throttled}, {Write: crash.EveryTransaction, How: crash.Conflicted},
	}
	for _, write := range recorded {
		for _, how := range ways(write) {
			all = append(all, crash.Fault{Write: write, How: how})
		}
	}
	return all
}

// ways returns the ways in which a write can fail.
func ways(write string) []string {
	all := []string{crash.Lost, crash.ReplyLost, crash.DiesBefore, crash.DiesAfter, crash.Stalls}
	if strings.Contains(write, "Item") {
		all = append(all, crash.Throttled, crash.Conflicted)
	}
	return all
}

// TestTheSDKsOwnRetry: when a reply is lost, the SDK sends the write again, so a write can
// conflict with itself.
//
//nolint:tparallel // the cases share one fixture
func TestTheSDKsOwnRetry(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "3")
	for _, s := range scenarios()[:2] {
		for _, write := range runOn(t, f, s) {
			t.Run(s.name+"/"+write, func(t *testing.T) {
				runOn(t, f, s, crash.Fault{Write: write, How: crash.ReplyLost})
			})
		}
	}
}

// pairs runs the scenario with a second fault in each write after the first fault. recorded
// are the writes of a run with the first fault.
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
			if !after || !selected(first.String()+second.String()) {
				continue
			}
			t.Run(second.String(), func(t *testing.T) {
				t.Parallel()
				run(t, s, first, second)
			})
		}
	}
}

// selected reports whether a pair of faults is one of those of -pairs.
func selected(name string) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return *oneIn > 0 && h.Sum32()%uint32(*oneIn) == 0
}

// run runs a scenario with faults on a free fixture, checks the promises, and returns the
// names of the writes.
func run(t *testing.T, s scenario, faults ...crash.Fault) []string {
	t.Helper()
	f := <-fixtures
	defer func() { fixtures <- f }()
	return runOn(t, f, s, faults...)
}

func runOn(t *testing.T, f *fixture, s scenario, faults ...crash.Fault) []string {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Log("rerun: " + replay(t.Name()))
		}
	}()
	f.begin(t)
	if s.prepare != nil {
		s.prepare(t, f)
	}
	if s.cancels {
		f.original = f.issued(t)[0].ID
	}
	f.Arm(faults)
	defer f.LandStalled()
	first := s.request(f)
	if len(faults) == 1 && faults[0].IsOfMany() {
		f.Arm(nil)
	}
	require.NoError(t, f.Recover(t.Context(), f.db))
	f.LandStalled()
	require.NoError(t, f.Recover(t.Context(), f.db))
	recorded := f.Recorded()
	f.Arm(nil) // a fault still armed would break the retry, which must succeed
	f.checkAccepted(t, first)
	f.retryAndCheck(t, s, first)
	f.RedeliverAll()
	require.NoError(t, f.Recover(t.Context(), f.db))
	f.retryAndCheck(t, s, first)
	return recorded
}

// checkAccepted checks that a 202 was kept without a retry, and that its status says so.
func (f *fixture) checkAccepted(t *testing.T, first crash.Answer) {
	t.Helper()
	if first.Status != http.StatusAccepted {
		return
	}
	var accepted struct {
		SagaID string `json:"saga_id"`
	}
	require.NoError(t, json.Unmarshal([]byte(first.Body), &accepted))
	request, err := f.sagas.Request(t.Context(), accepted.SagaID)
	require.NoError(t, err)
	require.Equal(t, saga.Completed, request.Status, "P11: the status of an accepted request")
}

// retryAndCheck retries the request and checks the promises.
func (f *fixture) retryAndCheck(t *testing.T, s scenario, first crash.Answer) {
	t.Helper()
	answer := s.retry(f)
	require.NoError(t, f.Recover(t.Context(), f.db))
	if s.refusal != "" {
		require.Equal(t, s.refusal, answer.Code, "%+v", answer)
		f.check(t, s.besides)
		return
	}
	if s.cancels {
		require.Equal(t, 202, answer.Status, "%+v", answer)
		f.check(t, s.besides)
		require.Equal(t, invoice.Cancelled, f.issued(t)[0].Status, "P14")
	} else {
		require.Equal(t, 201, answer.Status, "%+v", answer)
		f.check(t, s.besides+1)
	}
	if first.Status == answer.Status {
		require.Equal(t, first.Body, answer.Body, "P2: the retry gets the first answer")
	}
}

// replay returns the command that runs one case again.
func replay(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return "make crash CASE='" + strings.Join(parts, "/") + "'"
}
