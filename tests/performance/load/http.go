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

	"github.com/invochain/invochain/tests/framework/invariants"
)

// http drives the HTTP door and then the books.
func (l *load) http(ctx context.Context) error {
	w, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer w.Close(ctx)
	told := filepath.Join(l.dir, w.Name+".issued")
	missed := l.runK6(ctx, w, told)
	var exit *exec.ExitError
	if missed != nil && !errors.As(missed, &exit) {
		return missed
	}
	missed = errors.Join(missed, l.after())
	took, err := w.Drained(ctx)
	if err != nil {
		return err
	}
	list, err := readIssued(told)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d answers of 201; queues drained %.1f s after the last\n\n", len(list), took.Seconds())
	return errors.Join(missed, w.Balance(ctx, func(b *invariants.Books, check invariants.Check) {
		check(b.Missing(list), "each of %d answers has its own invoice, by its id and its saga's (and %d whose answer was lost)", len(list), len(b.SagaOf)-len(list))
	}))
}

// runK6 ends with an error when a threshold was missed.
func (l *load) runK6(ctx context.Context, w *world, told string) error {
	smoke := "0"
	if l.smoke {
		smoke = "1"
	}
	env := map[string]string{
		"API_URL": l.URL, "RUN": w.Name, "MERCHANTS": strconv.Itoa(invariants.Merchants), "SKUS": strconv.Itoa(invariants.SKUs),
		"RATE": strconv.Itoa(l.rate), "DURATION": l.duration.String(), "SMOKE": smoke,
	}
	args := []string{"run", "--quiet", "--address", "", "--no-usage-report", "--no-color", "--console-output", told, "--log-format", "raw"}
	for k, v := range env {
		args = append(args, "-e", k+"="+v)
	}
	cmd := exec.CommandContext(ctx, l.k6, append(args, filepath.Join("tests", "performance", "load", "invoice-flow.js"))...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := cmd.Run()
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("k6 is not at %s: make load builds it", l.k6)
	}
	if err != nil {
		return fmt.Errorf("k6: a threshold was missed: %w", err)
	}
	return nil
}

// readIssued takes the objects out of k6's console lines.
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
		if json.Unmarshal([]byte(text), &i) != nil && json.Unmarshal([]byte(strings.ReplaceAll(text, `\"`, `"`)), &i) != nil {
			continue // a message of the script itself
		}
		list = append(list, i)
	}
	return list, lines.Err()
}
