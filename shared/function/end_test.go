package function_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/shared/resilience"
)

// asFunction is set in a process of this test's binary that is to be a function.
const asFunction = "INVOCHAIN_TEST_FUNCTION"

// TestMain is the main function of a Lambda function that counts its invocations, or runs the tests.
func TestMain(m *testing.M) {
	if os.Getenv(asFunction) == "" { //nolint:forbidigo // a process of its own
		os.Exit(m.Run())
	}
	rt, ok := function.Boot(context.Background(), env.New(os.Getenv), os.Stdout, realTime()) //nolint:forbidigo // as above
	if !ok {
		os.Exit(1)
	}
	rt.Start(invoke(func(ctx context.Context) error {
		telemetry.Add(ctx, metric.SagaStarted, 1)
		return nil
	}))
}

// TestTheLastRecordsAreSentBeforeTheEnd: a busy process is told to end, as Lambda tells a process that
// registered as an extension, and sends what it had gathered.
func TestTheLastRecordsAreSentBeforeTheEnd(t *testing.T) {
	t.Parallel()
	const invocations = 150
	var served atomic.Int64
	all, forever := make(chan struct{}), make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2020-01-01/extension/register", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Lambda-Extension-Identifier", "1")
	})
	mux.HandleFunc("GET /2020-01-01/extension/event/next", func(_ http.ResponseWriter, _ *http.Request) { <-forever })
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		n := served.Add(1)
		if n > invocations {
			close(all)
			<-forever
		}
		_ = resilience.Sleep(r.Context(), 10*time.Millisecond) // so that the process is busy for more than a second
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", strconv.FormatInt(n, 10))
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(realTime()().Add(time.Minute).UnixMilli(), 10))
		_, _ = w.Write([]byte("{}"))
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
	})
	api := httptest.NewServer(mux)
	t.Cleanup(api.Close)
	t.Cleanup(func() { close(forever) })

	process := exec.CommandContext(t.Context(), os.Args[0])
	process.Env = append(os.Environ(), asFunction+"=1", "INVOCHAIN_TELEMETRY="+telemetry.EMF, "AWS_REGION=ap-south-1",
		"INVOCHAIN_TRACE_SAMPLE=0", "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(api.URL, "http://"))
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	go func() {
		<-all
		_ = process.Process.Signal(syscall.SIGTERM)
	}()
	counted, lines := 0, 0
	for scanner := bufio.NewScanner(out); scanner.Scan(); lines++ {
		var line map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(scanner.Bytes(), &line))
		n, err := strconv.Atoi(string(line[metric.SagaStarted]))
		require.NoError(t, err)
		counted += n
	}
	require.NoError(t, process.Wait())
	require.Equal(t, invocations, counted)
	require.Less(t, lines, invocations, "it gathered")
}
