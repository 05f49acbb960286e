package fleet_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/tests/framework/stack"
)

// collector runs the collector program with one log.
type collector struct {
	program, log, addr string
	cmd                *exec.Cmd
}

func buildCollector(t *testing.T, log string) *collector {
	t.Helper()
	dir := t.TempDir()
	c := &collector{program: filepath.Join(dir, "collector"), log: log}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", c.program, "../../../tools/collector")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c.addr = l.Addr().String()
	require.NoError(t, l.Close())
	t.Cleanup(c.kill)
	return c
}

// start runs the program with an unreachable stack, from which it can read no gauges.
func (c *collector) start(t *testing.T) {
	t.Helper()
	c.cmd = exec.CommandContext(t.Context(), c.program, "-addr", c.addr, "-log", c.log)
	c.cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_REGION=ap-south-1",
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	for _, table := range []string{deployment.PlatformTable, deployment.AuditTable, deployment.KeysTable} {
		c.cmd.Env = append(c.cmd.Env, table+"=none")
	}
	for _, q := range deployment.Queues() {
		c.cmd.Env = append(c.cmd.Env, q.DLQ+"=http://127.0.0.1:1/d")
		if q.URL != "" {
			c.cmd.Env = append(c.cmd.Env, q.URL+"=http://127.0.0.1:1/q")
		}
	}
	c.cmd.Stderr = os.Stderr
	require.NoError(t, c.cmd.Start())
	require.NoError(t, stack.Await(t.Context(), time.Minute, func() (bool, error) {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", c.addr)
		if err != nil {
			return false, err
		}
		return true, conn.Close()
	}))
}

func (c *collector) kill() {
	if c.cmd != nil {
		_ = c.cmd.Process.Kill()
		_ = c.cmd.Wait()
	}
}

func (c *collector) metrics(t *testing.T) stack.Metrics {
	t.Helper()
	m, err := stack.ReadMetrics(t.Context(), "http://"+c.addr)
	require.NoError(t, err)
	return m
}

// TestFiftyProcesses: fifty processes do 20 units of work each. Some are killed after an
// answer and replaced, some in the middle of a line, some frozen with work pending. The
// collector starts when half of the work is done, and is killed and restarted. No unit of
// work is missing or counted twice.
func TestFiftyProcesses(t *testing.T) {
	const processes, half = 50, 10
	log, err := os.Create(filepath.Join(t.TempDir(), "functions.log"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close() })
	c := buildCollector(t, log.Name())
	fleet := make([]*worker, processes)
	for i := range fleet {
		fleet[i] = startWorker(t, log)
	}
	each := func(do func(i int, w *worker) error) {
		t.Helper()
		errs := make(chan error, processes)
		for i, w := range fleet {
			go func() { errs <- do(i, w) }()
		}
		for range fleet {
			require.NoError(t, <-errs)
		}
	}
	work := func(_ int, w *worker) error {
		for range half {
			if err := w.do("work"); err != nil {
				return err
			}
		}
		return nil
	}
	each(work)
	c.start(t)
	// Every fifth worker is killed after its answers, half of these in the middle of a line.
	// Every fifth is frozen with work pending.
	var frozen []*worker
	for i := 0; i < processes; i += 5 {
		w := fleet[i]
		if i%10 == 0 {
			require.NoError(t, w.do("half"))
		}
		require.NoError(t, w.signal(syscall.SIGKILL))
		require.NoError(t, w.end())
		fleet[i] = startWorker(t, log)
		frozen = append(frozen, fleet[i+1])
		require.NoError(t, fleet[i+1].signal(syscall.SIGSTOP))
	}
	c.kill()
	thawed := make(chan error, 1)
	go func() { thawed <- thaw(t.Context(), frozen) }()
	each(work)
	require.NoError(t, <-thawed)
	c.start(t)
	for _, w := range fleet {
		require.NoError(t, w.end())
	}
	c.requireCounts(t, processes*2*half)
	c.kill()
	c.start(t)
	c.requireCounts(t, processes*2*half)
	require.Equal(t, processes*2*half, wholeLines(t, log.Name()))
}

// thaw resumes the frozen workers once the others have had time to work.
func thaw(ctx context.Context, frozen []*worker) error {
	select {
	case <-ctx.Done():
	case <-time.After(500 * time.Millisecond):
	}
	var errs []error
	for _, w := range frozen {
		errs = append(errs, w.signal(syscall.SIGCONT))
	}
	return errors.Join(errs...)
}

// requireCounts checks that the metrics count exactly these units of work.
func (c *collector) requireCounts(t *testing.T, units int) {
	t.Helper()
	m, n := c.metrics(t), float64(units)
	require.InDelta(t, n, m.Total(metric.SagaStarted), 0)
	require.InDelta(t, 0.07*n, m.Total(metric.InvoiceAmount, `document="INV"`), 1e-9)
	require.InDelta(t, 2*n, m.Total(metric.AuditLag+"_count"), 0)
	require.InDelta(t, 0.03*n, m.Total(metric.AuditLag+"_sum"), 1e-9)
	require.InDelta(t, 2*n, m.Total(metric.AuditLag+"_bucket", `le="0.025"`), 0)
	require.InDelta(t, 0, m.Total(metric.AuditLag+"_bucket", `le="0.01"`), 0)
	require.NotContains(t, m, metric.SagaInFlight, "its table is unreachable")
	require.Positive(t, m.Total("collector_gauge_errors_total", `source="sagas"`))
}

// wholeLines counts the complete lines of the log.
func wholeLines(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	n := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if line := lines.Text(); line[len(line)-1] == '}' {
			n++
		}
	}
	return n
}
