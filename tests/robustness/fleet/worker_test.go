// Package fleet_test compares /metrics with the work of a fleet whose processes are killed
// and frozen.
package fleet_test

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/metric"
)

// asWorker is the variable that makes the test binary run as a worker process.
const asWorker = "INVOCHAIN_TEST_WORKER"

func TestMain(m *testing.M) {
	if os.Getenv(asWorker) != "" {
		work()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// work does one unit of work per line of stdin: it writes its metrics to stdout in one
// write and then answers on stderr. On the order "half" it writes half a line.
func work() {
	for orders := bufio.NewScanner(os.Stdin); orders.Scan(); {
		line := batch()
		if orders.Text() == "half" {
			line = line[:len(line)/2]
		}
		if _, err := os.Stdout.Write(line); err != nil {
			return
		}
		if _, err := io.WriteString(os.Stderr, "done\n"); err != nil {
			return
		}
	}
}

// batch is the line of metrics that a function writes at the end of an invocation.
func batch() []byte {
	buckets := make([]uint64, len(metric.Bounds())+1)
	buckets[2] = 2
	line, err := json.Marshal(map[string]any{
		"at": time.Now().UnixMilli(), "batch": rand.Text(),
		"delta": []any{
			map[string]any{"name": metric.SagaStarted, "value": 1},
			map[string]any{
				"name": metric.InvoiceAmount, "labels": map[string]string{"document": "INV"}, "value": json.Number("0.07"),
			},
			map[string]any{"name": metric.AuditLag, "count": 2, "sum": 0.03, "buckets": buckets},
		},
	})
	if err != nil {
		panic(err)
	}
	return append(line, '\n')
}

// worker is a worker process. Its lines go to a log, like those of an emulator's functions.
type worker struct {
	cmd     *exec.Cmd
	orders  io.WriteCloser
	answers *bufio.Scanner
	copied  chan error
}

// startWorker starts a worker whose lines go to log.
func startWorker(t *testing.T, log *os.File) *worker {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	w := &worker{cmd: exec.CommandContext(t.Context(), self), copied: make(chan error, 1)}
	w.cmd.Env = append(os.Environ(), asWorker+"=1")
	w.orders, err = w.cmd.StdinPipe()
	require.NoError(t, err)
	errs, err := w.cmd.StderrPipe()
	require.NoError(t, err)
	out, err := w.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, w.cmd.Start())
	w.answers = bufio.NewScanner(errs)
	go func() { w.copied <- copyLines(out, log) }()
	t.Cleanup(func() { _ = w.cmd.Process.Kill() })
	return w
}

// copyLines writes each line in one write, and the partial last line when the process ends.
func copyLines(out io.Reader, log *os.File) error {
	for r := bufio.NewReader(out); ; {
		line, err := r.ReadString('\n')
		if line != "" {
			if _, err := log.WriteString("worker " + strings.TrimSuffix(line, "\n") + "\n"); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// do sends an order and waits for its answer.
func (w *worker) do(order string) error {
	if _, err := fmt.Fprintln(w.orders, order); err != nil {
		return err
	}
	if !w.answers.Scan() {
		return errors.New("the worker ended")
	}
	return nil
}

func (w *worker) signal(sig syscall.Signal) error { return w.cmd.Process.Signal(sig) }

// end waits until the process has ended and its last line is in the log.
func (w *worker) end() error {
	_ = w.orders.Close()
	err := <-w.copied
	_ = w.cmd.Wait() // an error is expected if it was killed
	return err
}
