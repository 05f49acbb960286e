package main

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLogLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ deployed, line, function, want string }{
		"JSON": {
			"InvoChain-Service-LogAudit1A2B3C4D-5E6F7", `{"msg":"x"}`, "log-audit", `{"function":"log-audit","msg":"x"}`,
		},
		"a panic": {
			"InvoChain-Service-ServeApi00000000-0", `panic: "x"`, "serve-api", `{"function":"serve-api","text":"panic: \"x\""}`,
		},
		"letters that are hexadecimal digits": {
			"InvoChain-Service-CreateInvoice4903BB4D-FA6755D0F7812", `{"a":1}`,
			"create-invoice", `{"function":"create-invoice","a":1}`,
		},
		"lower case": {
			"InvoChain-Service-LogAudit1A2B3C4D-f8afa286", `{"a":1}`, "log-audit", `{"function":"log-audit","a":1}`,
		},
		"not a function of ours": {"other", `{"a":1}`, "other", `{"function":"other","a":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			function, text := logLine(c.deployed + " " + c.line)
			require.Equal(t, c.function, function)
			require.JSONEq(t, c.want, text)
		})
	}
}

func TestFollowJoinsPartsOfALine(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for _, part := range []string{"one\ntw", "o", "\nthree\n"} {
			_, _ = io.WriteString(w, part)
		}
		_ = w.Close()
	}()
	var got []string
	require.NoError(t, follow(ctx, r, func(line string) {
		if got = append(got, line); len(got) == 3 {
			cancel()
		}
	}))
	require.Equal(t, []string{"one", "two", "three"}, got)
}

func TestLogsStartNearTheEnd(t *testing.T) {
	t.Parallel()
	f, err := os.CreateTemp(t.TempDir(), "log")
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	_, err = f.WriteString(strings.Repeat("0123456789\n", 100))
	require.NoError(t, err)
	for n, want := range map[int64]int{25: 22, 5000: 1100} {
		require.NoError(t, skipTo(f, n))
		rest, err := io.ReadAll(f)
		require.NoError(t, err)
		require.Len(t, rest, want)
	}
}
