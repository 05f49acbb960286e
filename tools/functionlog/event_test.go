package functionlog_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tools/functionlog"
)

const (
	audit  = "InvoChain-Service-LogAudit1A2B3C4D-5E6F7 "
	midday = `"time":"2026-11-28T12:00:00.25Z"`
)

func TestParse(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 28, 12, 0, 0, 25e7, time.UTC).Local().Format("15:04:05.000")
	for name, tc := range map[string]struct{ line, want string }{
		"an event": {
			audit + `{` + midday + `,"level":"INFO","msg":"audited","saga_id":"s-1","ms":12,"trace_id":"t","span_id":"s"}`,
			at + " log-audit         INFO  audited saga_id=s-1 ms=12",
		},
		"a value with blanks": {
			audit + `{` + midday + `,"level":"WARN","msg":"failed","error":"no \"table\"\nhere"}`,
			at + ` log-audit         WARN  failed error="no \"table\"\nhere"`,
		},
		"a long value": {
			audit + `{` + midday + `,"level":"WARN","msg":"failed","x":"` + strings.Repeat("x", 100) + `"}`,
			at + " log-audit         WARN  failed x=" + strings.Repeat("x", 64) + "…",
		},
		"a panic": {
			"InvoChain-Service-ServeApi00000000-0 panic: \x1b[1mx",
			"             serve-api               panic:  [1mx",
		},
		"letters that are hexadecimal digits": {
			"InvoChain-Service-CreateInvoice4903BB4D-FA6755D0F7812 x", "             create-invoice          x",
		},
		"lower case":             {"InvoChain-Service-LogAudit1A2B3C4D-f8afa286 x", "             log-audit               x"},
		"not a function of ours": {"other x", "             other                   x"},
		"metrics":                {audit + `{"batch":"B","at":1,"delta":[]}`, ""},
		"metrics of CloudWatch":  {audit + `{"_aws":{}}`, ""},
		"a span":                 {audit + `{"span":"GET /health"}`, ""},
		"nothing":                {audit, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, ok := functionlog.Parse(tc.line)
			require.Equal(t, tc.want != "", ok)
			if ok {
				require.Equal(t, tc.want, e.String())
			}
		})
	}
}

// TestSeek: lines without a time, between and at the ends, do not mislead the search.
func TestSeek(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	var log strings.Builder
	for n := range 100 {
		fmt.Fprintf(&log, "f {\"batch\":\"%d\"}\n", n)
		at := begin.Add(time.Duration(n) * time.Second).Format(time.RFC3339Nano)
		fmt.Fprintf(&log, "f {\"time\":%q,\"msg\":\"%d\"}\nf panic%s\n", at, n, strings.Repeat("!", n))
	}
	for _, n := range []int{0, 1, 42, 99, 100} {
		f := strings.NewReader(log.String())
		require.NoError(t, functionlog.Seek(f, begin.Add(time.Duration(n)*time.Second)))
		rest, err := io.ReadAll(f)
		require.NoError(t, err)
		require.Equal(t, 100-n, strings.Count(string(rest), `"time"`), "from %d", n)
		if n < 100 {
			require.Contains(t, string(rest), fmt.Sprintf(`"msg":"%d"`, n))
		}
	}
	require.NoError(t, functionlog.Seek(strings.NewReader(""), begin))
}

func ExampleParse() {
	e, _ := functionlog.Parse(audit + `{"level":"INFO","msg":"audited","saga_id":"s-1"}`)
	fmt.Println(e.Function, e.Message, e.Value("saga_id"))
	// Output: log-audit audited s-1
}
