// Package fleet_test counts what a fleet did and holds /metrics against it, while its
// processes are killed and frozen.
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

// asWorker makes this test's own program a short-lived process of the fleet.
const asWorker = "INVOCHAIN_TEST_WORKER"

func TestMain(m *testing.M) {
	if os.Getenv(asWorker) != "" {
		work()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// work does a piece for each line that it reads: it says what it recorded, in one
// write, and then answers. The word half leaves it in the middle of a line.
func work() {
	for asked := bufio.NewScanner(os.Stdin); asked.Scan(); {
		line := batch()
		if asked.Text() == "half" {
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

// batch is what a function says at the end of an invocation.
func batch() []byte {
	buckets := make([]uint64, len(metric.Bounds())+1)
	buckets[2] = 2
	line, err := json.Marshal(map[string]any{
		"at": time.Now().UnixMilli(), "batch": rand.Text(),
		"delta": []any{
			map[string]any{"name": metric.SagaStarted, "value": 1},
			map[string]any{"name": metric.InvoiceAmount, "labels": map[string]string{"document": "INV"}, "value": json.Number("0.07")},
			map[string]any{"name": metric.AuditLag, "count": 2, "sum": 0.03, "buckets": buckets},
		},
	})
	if err != nil {
		panic(err)
	}
	return append(line, '\n')
}

// worker is one such process. Its lines go to a log, as an emulator's functions' do.
type worker struct {
	cmd     *exec.Cmd
	orders  io.WriteCloser
	answers *bufio.Scanner
	copied  chan error
}

// hire starts a worker whose lines go to log.
func hire(t *testing.T, log *os.File) *worker {
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
	go func() { w.copied <- tee(out, log) }()
	t.Cleanup(func() { _ = w.cmd.Process.Kill() })
	return w
}

// tee writes each line whole, and what is left of one when its process ends.
func tee(out io.Reader, log *os.File) error {
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

func (w *worker) ask(word string) error {
	_, err := fmt.Fprintln(w.orders, word)
	return err
}

// do asks for a piece of work and waits for its answer.
func (w *worker) do(word string) error {
	if err := w.ask(word); err != nil {
		return err
	}
	return w.answer()
}

func (w *worker) answer() error {
	if !w.answers.Scan() {
		return errors.New("the worker ended")
	}
	return nil
}

func (w *worker) signal(sig syscall.Signal) error { return w.cmd.Process.Signal(sig) }

// end waits until it is gone and its last line is in the log.
func (w *worker) end() error {
	_ = w.orders.Close()
	err := <-w.copied
	_ = w.cmd.Wait() // it may have been killed
	return err
}
