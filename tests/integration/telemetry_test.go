//go:build integration

package integration_test

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
)

// logLine is a line of the functions' output.
type logLine struct {
	function string // such as LogAudit
	text     string
}

func readLog(t *testing.T) []logLine {
	t.Helper()
	b, err := os.ReadFile(os.Getenv("INVOCHAIN_FUNCTION_LOG"))
	require.NoError(t, err, "stack.env must name the log")
	name := regexp.MustCompile(`-([A-Za-z]+?)[0-9A-F]{8}-[0-9A-Za-z]+$`)
	var all []logLine
	for line := range strings.Lines(string(b)) {
		deployed, text, _ := strings.Cut(line, " ")
		if m := name.FindStringSubmatch(deployed); m != nil && strings.HasSuffix(text, "\n") {
			all = append(all, logLine{m[1], strings.TrimSpace(text)})
		}
	}
	return all
}

type span struct {
	Span, Parent string
	TraceID      string `json:"trace_id"`
	SpanID       string `json:"span_id"`
	Links        []struct {
		SpanID string `json:"span_id"`
	}
}

// tree returns a trace's spans by their path from the root, without those of AWS calls. A
// span of another function than its parent's has the function's name as a prefix.
func tree(t *testing.T, traceID string) map[string]span {
	t.Helper()
	spans, in := map[string]span{}, map[string]string{}
	for _, line := range readLog(t) {
		var s span
		if json.Unmarshal([]byte(line.text), &s) == nil && s.Span != "" && s.TraceID == traceID {
			spans[s.SpanID], in[s.SpanID] = s, line.function
		}
	}
	var path func(id string) string
	path = func(id string) string {
		s, known := spans[id]
		if !known {
			return ""
		}
		name := s.Span
		if in[id] != in[s.Parent] {
			name = in[id] + ": " + name
		}
		return strings.TrimPrefix(path(s.Parent)+" > "+name, " > ")
	}
	found := map[string]span{}
	for id, s := range spans {
		if !strings.Contains(s.Span, ".") {
			found[path(id)] = s
		}
	}
	return found
}

// createTraced sends a request with a new trace id.
func (f *fixture) createTraced(t *testing.T, body string) (r client.Reply, traceID string) {
	t.Helper()
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	traceID = hex.EncodeToString(id)
	return f.call(t, http.MethodPost, "/invoices", []byte(body), "Content-Type", "application/json",
		"Idempotency-Key", client.NewKey(), "traceparent", "00-"+traceID+"-00f067aa0ba902b7-01"), traceID
}

// awaitTree waits until a trace has spans with these paths and checks that it has no others.
func awaitTree(t *testing.T, traceID string, paths ...string) map[string]span {
	t.Helper()
	var found map[string]span
	require.Eventually(t, func() bool {
		found = tree(t, traceID)
		for _, path := range paths {
			if _, there := found[path]; !there {
				return false
			}
		}
		return true
	}, time.Minute, 200*time.Millisecond, "%v", &found)
	require.Len(t, found, len(paths), "%v", found)
	return found
}

// TestOneTraceOfASuccess: an invoice is one trace through all functions.
func TestOneTraceOfASuccess(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	f.stock(t, m, "SKU", 10)
	r, id := f.createTraced(t, sale(m, "SKU", 1))
	require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
	const (
		request = "CreateInvoice: POST /invoices"
		audit   = request + " > Create Invoice > LogAudit: message"
		publish = audit + " > Log Audit > PublishEvent: message"
	)
	found := awaitTree(t, id, request, request+" > Reserve Inventory",
		request+" > Reserve Inventory > ReserveInventory: invocation",
		request+" > Create Invoice", audit, audit+" > Log Audit", publish, publish+" > Publish Event",
		audit+" > Log Audit > ReserveInventory: message")
	for _, path := range []string{audit, publish} {
		require.NotEmpty(t, found[path].Links, "each message links to its batch")
	}
}

// TestOneTraceOfACompensation: the spans of the state machine's functions are children of
// the failed request.
func TestOneTraceOfACompensation(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	f.stock(t, m, "SKU", 10)
	taken := strings.Replace(sale(m, "SKU", 1), `"series":"S"`, `"invoice_number":"T-1"`, 1)
	require.Equal(t, http.StatusCreated, f.create(t, client.NewKey(), taken).Status)
	r, id := f.createTraced(t, taken)
	require.Equal(t, http.StatusConflict, r.Status, "%s", r.Body)
	f.awaitState(t, r.Field("saga_id"), "COMPENSATED")
	const (
		request = "CreateInvoice: POST /invoices"
		release = request + " > ReleaseInventory: invocation"
		settle  = request + " > SettleSaga: invocation"
	)
	awaitTree(t, id, request, request+" > Reserve Inventory",
		request+" > Reserve Inventory > ReserveInventory: invocation",
		request+" > Create Invoice", request+" > Create Invoice > LogAudit: message", // finds no commit
		release, release+" > Release Inventory",
		settle, settle+" > Settle Saga", settle+" > Settle Saga > PublishEvent: message")
	for _, line := range readLog(t) {
		var of struct {
			Msg, Level, SagaID, MerchantID string
			TraceID                        string `json:"trace_id"`
		}
		if json.Unmarshal([]byte(line.text), &of) == nil && of.Msg != "" && of.TraceID == id {
			require.Contains(t, line.text, `"merchant_id":"`+m+`"`)
			require.Contains(t, line.text, `"saga_id":"`+r.Field("saga_id")+`"`)
			require.Contains(t, line.text, `"span_id":"`)
		}
	}
}
