package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/invochain/invochain/tests/framework/invariants"
)

// http loads the HTTP API, with k6, at a rate, or at shares of the rate of the bare functions.
func (l *load) http(ctx context.Context) error {
	if l.rate > 0 {
		return l.atRate(ctx)
	}
	bare, _, err := l.bareRate(ctx)
	if err != nil {
		return err
	}
	var missed []error
	for _, b := range []struct {
		share float64
		p95   time.Duration
	}{{0.7, 200 * time.Millisecond}, {0.9, 500 * time.Millisecond}} {
		at := *l
		at.rate, at.p95 = int(b.share*bare), b.p95
		fmt.Printf("\n%.0f %% of it: %d requests/s, of which the p95 is at most %s\n", 100*b.share, at.rate, b.p95)
		missed = append(missed, at.atRate(ctx))
	}
	return errors.Join(missed...)
}

// bareRate returns how many invoices a second the bare functions issue, and finish, and the CPU time spent.
func (l *load) bareRate(ctx context.Context) (rate float64, spent spending, err error) {
	bare, remove, err := l.bare(ctx)
	defer remove()
	if err != nil {
		return 0, spent, err
	}
	p, err := spent.drive(ctx, l, bare, time.Minute)
	fmt.Printf("bare functions: %.1f invoices/s\n", p.done)
	return p.done, spent, err
}

// atRate loads the HTTP API at a rate and then checks the invariants.
func (l *load) atRate(ctx context.Context) error {
	f, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer f.Close(ctx)
	issuedFile := filepath.Join(l.dir, f.Name+".issued")
	missed := l.runK6(ctx, f, issuedFile)
	var exit *exec.ExitError
	if missed != nil && !errors.As(missed, &exit) {
		return missed
	}
	missed = errors.Join(missed, l.after())
	took, err := f.Drained(ctx)
	if err != nil {
		return err
	}
	list, err := readIssued(issuedFile)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d answers of 201; queues drained %.1f s after the last\n\n", len(list), took.Seconds())
	return errors.Join(missed, f.Balance(ctx, func(s *invariants.Snapshot, check invariants.Check) {
		check(s.Missing(list), "each of %d answers has its own invoice, with its id and saga id (%d more answers were lost)",
			len(list), len(s.SagaOf)-len(list))
	}))
}

// runK6 runs the script and returns an error if a threshold is missed. It writes the
// issued invoices to issuedFile.
func (l *load) runK6(ctx context.Context, f *fixture, issuedFile string) error {
	smoke := "0"
	if l.smoke {
		smoke = "1"
	}
	env := map[string]string{
		"API_URL": l.URL, "RUN": f.Name,
		"MERCHANTS": strconv.Itoa(invariants.Merchants), "SKUS": strconv.Itoa(invariants.SKUs),
		"RATE": strconv.Itoa(l.rate), "DURATION": l.duration.String(), "SMOKE": smoke,
		"P95": strconv.FormatInt(l.p95.Milliseconds(), 10),
	}
	args := []string{
		"run", "--quiet", "--address", "", "--no-usage-report", "--no-color",
		"--console-output", issuedFile, "--log-format", "raw",
	}
	for k, v := range env {
		args = append(args, "-e", k+"="+v)
	}
	script := filepath.Join("tests", "performance", "load", "invoice-flow.js")
	cmd := exec.CommandContext(ctx, l.k6, append(args, script)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	credentials, err := json.Marshal(f.Credentials()) //nolint:gosec // for k6, which gets tokens itself
	if err != nil {
		return err
	}
	cmd.Env = append(os.Environ(), "CREDENTIALS="+string(credentials)) // not an argument: other users see those
	err = cmd.Run()
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("no k6 at %s; make load builds it", l.k6)
	}
	if err != nil {
		return fmt.Errorf("k6: a threshold was missed: %w", err)
	}
	return nil
}

// readIssued extracts the JSON objects from k6's console lines.
func readIssued(path string) ([]invariants.Issued, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	object := regexp.MustCompile(`\{.*\}`)
	var list []invariants.Issued
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var i invariants.Issued
		text := object.FindString(lines.Text())
		unescaped := strings.ReplaceAll(text, `\"`, `"`)
		if json.Unmarshal([]byte(text), &i) != nil && json.Unmarshal([]byte(unescaped), &i) != nil {
			continue // a log line of the script
		}
		list = append(list, i)
	}
	return list, lines.Err()
}
