// Command compare measures what an invoice takes in processor time, of the checkout it runs in and of
// another version of it, in turns: machines differ from hour to hour, so a figure of last week says
// nothing about today's. It prints the ratio of the two with its spread.
//
//	compare -base 39a854f
//
// Each round starts a fresh stack of one version, runs that version's own `make ceiling` on it and
// stops it. The base is checked out in a folder of its own, with its own downloads.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // nothing is left to be deferred
	}
}

var errUsage = errors.New("usage: compare -base COMMIT [-rounds N] [-duration D] [-dir DIR]")

func run(ctx context.Context) error {
	base := flag.String("base", "", "commit to compare with")
	rounds := flag.Int("rounds", 3, "measurements of each version")
	duration := flag.Duration("duration", time.Minute, "load of each measurement, half of it on bare functions")
	dir := flag.String("dir", ".local/compare", "folder for the base's checkout and the logs")
	flag.Parse()
	if *base == "" || *rounds < 1 {
		return errUsage
	}
	checkout := filepath.Join(*dir, *base)
	if err := checkOut(ctx, *base, checkout); err != nil {
		return err
	}
	versions := []*version{{name: *base, folder: checkout}, {name: "this", folder: "."}}
	for round := range *rounds {
		for turn := range versions {
			v := versions[(round+turn)%2] // so that neither is always the first
			logPath := filepath.Join(*dir, fmt.Sprintf("%s-%d.log", v.name, round+1))
			if err := v.measure(ctx, *duration, logPath); err != nil {
				return fmt.Errorf("%s, round %d (see %s): %w", v.name, round+1, logPath, err)
			}
			fmt.Printf("round %d: %s took %.1f ms an invoice (load of the machine %s)\n",
				round+1, v.name, v.last()["all"], loadAverage())
		}
	}
	fmt.Print("\n" + table(*versions[0], *versions[1]))
	return nil
}

// checkOut checks a commit out in a folder, unless it is there already.
func checkOut(ctx context.Context, commit, folder string) error {
	if _, err := os.Stat(filepath.Join(folder, "Makefile")); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o750); err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "git", "clone", "-q", ".", folder).CombinedOutput()
	if err == nil {
		out, err = exec.CommandContext(ctx, "git", "-C", folder, "checkout", "-q", commit).CombinedOutput()
	}
	if err != nil {
		return fmt.Errorf("check out %s: %w: %s", commit, err, out)
	}
	return nil
}

// version is a version of the system with its measurements: milliseconds of processor time for an
// invoice, by program, and of all programs together.
type version struct {
	name, folder string
	measured     []map[string]float64
}

func (v *version) last() map[string]float64 { return v.measured[len(v.measured)-1] }

// measure runs one measurement. What the commands print goes to the log.
func (v *version) measure(ctx context.Context, duration time.Duration, logPath string) error {
	log, err := os.Create(logPath)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	call := func(ctx context.Context, args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, "make", append([]string{"--no-print-directory", "-C", v.folder}, args...)...)
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		var printed strings.Builder
		cmd.Stdout, cmd.Stderr = &printed, &printed
		err := cmd.Run()
		_, _ = log.WriteString(printed.String())
		return printed.String(), err
	}
	defer func() { _, _ = call(context.WithoutCancel(ctx), "down") }()
	if _, err := call(ctx, "up", "SAMPLE=0.05"); err != nil {
		return fmt.Errorf("start the stack: %w", err)
	}
	printed, failed := call(ctx, "ceiling", "DURATION="+duration.String())
	spent, err := parse(printed)
	if err != nil { // else the load ended, though maybe below its budget
		return errors.Join(err, failed)
	}
	v.measured = append(v.measured, spent)
	return nil
}

// loadAverage returns the average number of processes that were ready to run in the last minute.
func loadAverage() string {
	line, err := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(line), " ")
	if err != nil {
		return "unknown"
	}
	return first
}
