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

	"github.com/invochain/invochain/tests/framework/stack"
)

// written is a line of the functions' output.
type written struct {
	function string // such as LogAudit
	text     string
}

func logged(t *testing.T) []written {
	t.Helper()
	b, err := os.ReadFile(os.Getenv("INVOCHAIN_FUNCTION_LOG"))
	require.NoError(t, err, "stack.env names the log")
	name := regexp.MustCompile(`-([A-Za-z]+?)[0-9A-F]{8}-[0-9A-Za-z]+$`)
	var all []written
	for line := range strings.Lines(string(b)) {
		deployed, text, _ := strings.Cut(line, " ")
		if m := name.FindStringSubmatch(deployed); m != nil && strings.HasSuffix(text, "\n") {
			all = append(all, written{m[1], strings.TrimSpace(text)})
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

// tree lists a trace's spans by the way from its root, without the calls of AWS. Where a
// span is another function's than the one above it, the function stands before it.
func tree(t *testing.T, traceID string) map[string]span {
	t.Helper()
	spans, in := map[string]span{}, map[string]string{}
	for _, line := range logged(t) {
		var s span
		if json.Unmarshal([]byte(line.text), &s) == nil && s.Span != "" && s.TraceID == traceID {
			spans[s.SpanID], in[s.SpanID] = s, line.function
		}
	}
	var way func(id string) string
	way = func(id string) string {
		s, known := spans[id]
		if !known {
			return ""
		}
		name := s.Span
		if in[id] != in[s.Parent] {
			name = in[id] + ": " + name
		}
		return strings.TrimPrefix(way(s.Parent)+" > "+name, " > ")
	}
	found := map[string]span{}
	for id, s := range spans {
		if !strings.Contains(s.Span, ".") {
			found[way(id)] = s
		}
	}
	return found
}

// traced sends a request in a trace of its own.
func (s *suite) traced(t *testing.T, body string) (r stack.Reply, traceID string) {
	t.Helper()
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	traceID = hex.EncodeToString(id)
	return s.call(t, http.MethodPost, "/invoices", []byte(body), "Content-Type", "application/json",
		"Idempotency-Key", stack.NewKey(), "traceparent", "00-"+traceID+"-00f067aa0ba902b7-01"), traceID
}

// hasTree waits until a trace consists of these ways, and no others.
func hasTree(t *testing.T, traceID string, ways ...string) map[string]span {
	t.Helper()
	var found map[string]span
	require.Eventually(t, func() bool {
		found = tree(t, traceID)
		for _, way := range ways {
			if _, there := found[way]; !there {
				return false
			}
		}
		return true
	}, time.Minute, 200*time.Millisecond, "%v", &found)
	require.Len(t, found, len(ways), "%v", found)
	return found
}

// TestOneTraceOfASuccess follows an invoice through every function that works on it.
func TestOneTraceOfASuccess(t *testing.T) {
	t.Parallel()
	s := open(t)
	m := s.merchant(t, "advise")
	s.stock(t, m, "SKU", 10)
	r, id := s.traced(t, sale(m, "SKU", 1))
	require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
	const (
		request = "CreateInvoice: POST /invoices"
		audit   = request + " > Create Invoice > LogAudit: message"
		publish = audit + " > Log Audit > PublishEvent: message"
	)
	found := hasTree(t, id, request, request+" > Reserve Inventory", request+" > Reserve Inventory > ReserveInventory: invocation",
		request+" > Create Invoice", audit, audit+" > Log Audit", publish, publish+" > Publish Event",
		audit+" > Log Audit > ReserveInventory: message")
	for _, way := range []string{audit, publish} {
		require.NotEmpty(t, found[way].Links, "each message is linked to its batch")
	}
}

// TestOneTraceOfACompensation follows one that was undone: the state machine's functions
// are below the request that failed.
func TestOneTraceOfACompensation(t *testing.T) {
	t.Parallel()
	s := open(t)
	m := s.merchant(t, "advise")
	s.stock(t, m, "SKU", 10)
	taken := strings.Replace(sale(m, "SKU", 1), `"series":"S"`, `"invoice_number":"T-1"`, 1)
	require.Equal(t, http.StatusCreated, s.create(t, stack.NewKey(), taken).Status)
	r, id := s.traced(t, taken)
	require.Equal(t, http.StatusConflict, r.Status, "%s", r.Body)
	s.awaitState(t, r.Field("saga_id"), "COMPENSATED")
	const (
		request = "CreateInvoice: POST /invoices"
		release = request + " > ReleaseInventory: invocation"
		settle  = request + " > SettleSaga: invocation"
	)
	hasTree(t, id, request, request+" > Reserve Inventory", request+" > Reserve Inventory > ReserveInventory: invocation",
		request+" > Create Invoice", request+" > Create Invoice > LogAudit: message", // the nudge, for nothing
		release, release+" > Release Inventory",
		settle, settle+" > Settle Saga", settle+" > Settle Saga > PublishEvent: message")
	for _, line := range logged(t) {
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
