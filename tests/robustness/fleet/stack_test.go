//go:build integration

package fleet_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/tests/framework/registration"
	"github.com/invochain/invochain/tests/framework/stack"
)

// counts are sums by metric and some of its labels.
type counts map[string]float64

// read reads the metrics that want names.
func (want counts) read(m stack.Metrics) counts {
	got := counts{}
	for sample := range want {
		name, labels, _ := strings.Cut(strings.TrimSuffix(sample, "}"), "{")
		got[sample] = m.Total(name, strings.Split(labels, ",")...)
	}
	return got
}

// fixture is a merchant on the deployed stack, with the sagas of its requests.
type fixture struct {
	*stack.Stack
	*client.Client // that acts as the merchant

	merchant string
	sagas    map[string]string // expected final states by id
}

func setup(t *testing.T) *fixture {
	t.Helper()
	s, err := stack.Open(t.Context(), os.Getenv)
	require.NoError(t, err)
	id := "m-fleet-" + client.NewKey()[:8]
	c, err := s.NewMerchant(t.Context(), id, registration.GSTIN("27", id), "advise")
	require.NoError(t, err)
	f := &fixture{Stack: s, Client: c, merchant: id, sagas: map[string]string{}}
	require.NoError(t, f.Put(t.Context(), "/inventory/SKU", map[string]any{"merchant_id": id, "on_hand": 100}))
	return f
}

// TestExactCounts makes creates, replays, refusals and a compensation on a deployed stack.
// Processes of functions are killed after their answers, and frozen with a request
// pending. /metrics counts exactly what happened.
func TestExactCounts(t *testing.T) {
	f := setup(t)
	want := counts{
		metric.InvoiceCreated + `{door="http"}`:                                10,
		metric.InvoiceAmount + `{document="INV"}`:                              10 * 295,
		metric.InvoiceDuration + `_count{outcome="created"}`:                   10,
		metric.InvoiceDuration + `_count{outcome="replayed"}`:                  3,
		metric.InvoiceDuration + `_count{outcome="refused"}`:                   4,
		metric.IdempotencyRequests + `{outcome="won"}`:                         13,
		metric.IdempotencyRequests + `{outcome="replayed"}`:                    3,
		metric.IdempotencyRequests + `{outcome="mismatch"}`:                    1,
		metric.SagaStarted + `{}`:                                              13,
		metric.SagaCompleted + `{outcome="completed"}`:                         10,
		metric.SagaCompleted + `{outcome="aborted"}`:                           2,
		metric.SagaCompleted + `{outcome="compensated"}`:                       1,
		metric.SagaCompensations + `{step="Release Inventory",outcome="ok"}`:   1,
		metric.SagaStepDuration + `_count{step="Create Invoice",outcome="ok"}`: 10,
		metric.ReservationFailures + `{reason="out_of_stock"}`:                 2,
		metric.HTTPRequests + `{route="/invoices",method="POST",status="201"}`: 13,
		metric.HTTPRequests + `{route="/invoices",method="POST",status="409"}`: 3,
		metric.HTTPRequests + `{route="/invoices",method="POST",status="422"}`: 1,
		metric.HTTPRequests + `{status="409",code="out_of_stock"}`:             2,
		metric.HTTPRequests + `{status="409",code="invoice_number_taken"}`:     1,
		metric.HTTPRequests + `{status="422",code="idempotency_key_reused"}`:   1,
		metric.HTTPDuration + `_count{route="/invoices",method="POST"}`:        17,
		metric.AuditLag + `_count{}`:                                           10,
	}
	before := want.read(f.idleMetrics(t))
	f.run(t)
	f.awaitSagas(t)
	var got counts
	_ = stack.Await(t.Context(), 20*time.Second, func() (bool, error) { // metrics arrive after the answers
		got = want.read(f.idleMetrics(t))
		for sample := range got {
			got[sample] -= before[sample]
		}
		return fmt.Sprint(got) == fmt.Sprint(want), nil
	})
	require.Equal(t, want, got)
}

// idleMetrics reads the metrics when no saga and no message is in flight.
func (f *fixture) idleMetrics(t *testing.T) stack.Metrics {
	t.Helper()
	var m stack.Metrics
	require.NoError(t, stack.Await(t.Context(), time.Minute, func() (bool, error) {
		var err error
		m, err = f.Metrics(t.Context())
		return err == nil && m.Total(metric.SagaInFlight) == 0 && m.Total(metric.QueueMessages) == 0, err
	}), "sagas are still in flight")
	return m
}

func (f *fixture) run(t *testing.T) {
	t.Helper()
	keys := make([]string, 6)
	for i := range keys {
		keys[i] = client.NewKey()
		f.send(t, keys[i], `"series":"F"`, 1, 201, "COMPLETED")
	}
	require.NotZero(t, f.signal(t, "CreateInvoice", syscall.SIGKILL))
	require.NotZero(t, f.signal(t, "ServeApi", syscall.SIGKILL))
	for _, key := range keys[:3] {
		r := f.send(t, key, `"series":"F"`, 1, 201, "COMPLETED")
		require.Equal(t, "true", r.Header.Get("X-Idempotent-Replayed"))
	}
	f.send(t, keys[0], `"series":"G"`, 1, 422, "")
	f.sendFrozen(t)
	f.send(t, client.NewKey(), `"invoice_number":"F-1"`, 1, 201, "COMPLETED")
	f.send(t, client.NewKey(), `"invoice_number":"F-1"`, 1, 409, "COMPENSATED")
	for range 2 {
		f.send(t, client.NewKey(), `"series":"F"`, 1000, 409, "ABORTED")
	}
	require.NotZero(t, f.signal(t, "CreateInvoice", syscall.SIGKILL))
	for range 2 {
		f.send(t, client.NewKey(), `"series":"F"`, 1, 201, "COMPLETED")
	}
	require.NotZero(t, f.signal(t, "CreateInvoice", syscall.SIGKILL))
}

// sendFrozen sends a request to frozen processes, which resume a second later.
func (f *fixture) sendFrozen(t *testing.T) {
	t.Helper()
	require.NotZero(t, f.signal(t, "CreateInvoice", syscall.SIGSTOP))
	answered := make(chan client.Reply, 1)
	key, body := client.NewKey(), f.body(`"series":"F"`, 1)
	go func() {
		r, _ := f.Create(t.Context(), key, body)
		answered <- r
	}()
	select {
	case r := <-answered:
		t.Fatalf("a frozen process answered %d", r.Status)
	case <-time.After(time.Second):
	}
	require.NotZero(t, f.signal(t, "CreateInvoice", syscall.SIGCONT))
	r := <-answered
	require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
	f.sagas[r.Field("saga_id")] = "COMPLETED"
}

func (f *fixture) body(number string, quantity int) []byte {
	return fmt.Appendf(nil, `{%s,"seller_merchant_id":%q,"buyer_gstin":"29AABCU9603R1ZJ","invoice_date":"2025-11-26",`+
		`"items":[{"sku":"SKU","description":"Steel bottle","hsn":"732393","quantity":%d,`+
		`"unit":"NOS","unit_price":"250.00","gst_rate":18}]}`,
		number, f.merchant, quantity)
}

func (f *fixture) send(t *testing.T, key, number string, quantity, status int, end string) client.Reply {
	t.Helper()
	r, err := f.Create(t.Context(), key, f.body(number, quantity))
	require.NoError(t, err)
	require.Equal(t, status, r.Status, "%s", r.Body)
	if end != "" {
		f.sagas[r.Field("saga_id")] = end
	}
	return r
}

// awaitSagas waits until each saga has its expected final state.
func (f *fixture) awaitSagas(t *testing.T) {
	t.Helper()
	for id, end := range f.sagas {
		require.NoError(t, stack.Await(t.Context(), time.Minute, func() (bool, error) {
			state, err := f.State(t.Context(), id)
			return state == end, err
		}), "saga %s", id)
	}
}

// signal sends a signal to each process of a function of this stack and returns their
// number. It finds them by their environment variables.
func (f *fixture) signal(t *testing.T, function string, sig syscall.Signal) int {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	require.NoError(t, err)
	n := 0
	for _, path := range environments {
		env, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(env, []byte("AWS_ENDPOINT_URL="+f.Vars("AWS_ENDPOINT_URL")+"\x00")) ||
			!bytes.Contains(env, []byte("AWS_LAMBDA_FUNCTION_NAME=InvoChain-Service-"+function)) {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		require.NoError(t, err)
		require.NoError(t, syscall.Kill(pid, sig))
		if sig == syscall.SIGKILL {
			awaitEnd(t, pid)
		}
		n++
	}
	return n
}

// awaitEnd waits until all threads of a killed process have ended. Before that, the
// emulator may give it the next request.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	require.Eventually(t, func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		threads, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		return err != nil || (bytes.Contains(stat, []byte(") Z ")) && len(threads) <= 1)
	}, 10*time.Second, 5*time.Millisecond, "process %d", pid)
}
