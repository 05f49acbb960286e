package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// stack is one running system: a folder with its state, and three processes.
type stack struct {
	root   string // of the checkout
	dir    string // of the state: pids, ports, outputs, logs
	cache  string // of downloads, shared by all stacks of the checkout
	port   int    // of the front
	bed    bed
	sample float64 // of the traces
	// faults: what functions ask of AWS goes through a proxy that can have it fail.
	faults bool
	began  time.Time
}

func open(dir string, port int, b bed) (*stack, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(root, "cdk.json")); err != nil {
		return nil, fmt.Errorf("run this in the folder of the checkout: there is no cdk.json in %s", root)
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	return &stack{root: root, dir: dir, cache: filepath.Join(root, ".cache"), port: port, bed: b, began: time.Now()}, os.MkdirAll(dir, 0o700)
}

func (s *stack) file(name string) string { return filepath.Join(s.dir, name) }

// alone keeps a second up or down of the same stack out while one is at work. The
// lock goes with the process, however that ends.
func (s *stack) alone(do func() error) error {
	release, err := lock(s.file("lock"), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("another up or down is at work on %s", s.dir)
	}
	if err != nil {
		return err
	}
	defer release()
	return do()
}

func lock(path string, how int) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil
}

// up brings the stack to what the checkout says, from whatever state it is in.
func (s *stack) up(ctx context.Context) error {
	steps := []struct {
		title string
		do    func(context.Context) error
	}{
		{"check the tools and the port", s.check},
		{"install the emulator and the CDK CLI", s.install},
		{"build the functions", s.build},
		{"start the emulator", s.startEmulator},
		{"deploy the stacks", s.deploy},
		{"make the tables", s.deployTables},
		{"start the collector of metrics", s.startCollector},
		{"start the front", s.startFront},
		{"seed the demo merchant", s.seed},
	}
	for i, step := range steps {
		if err := timed(ctx, fmt.Sprintf("[%d/%d] %s", i+1, len(steps), step.title), step.do); err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
	}
	return s.greet()
}

// timed shows that a long step is alive, and how long it took.
func timed(ctx context.Context, title string, do func(context.Context) error) error {
	began := time.Now()
	fmt.Print(title + " … ")
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	for {
		select {
		case <-tick.C:
			fmt.Printf("%.0f s … ", time.Since(began).Seconds())
		case err := <-done:
			if err == nil {
				fmt.Printf("%.1f s\n", time.Since(began).Seconds())
			}
			return err
		}
	}
}

func (s *stack) greet() error {
	env, err := readEnv(s.file("stack.env"))
	if err != nil {
		return err
	}
	_, err = fmt.Printf(`
InvoChain is up after %.0f s.

  API        %s   (also /openapi.json, /health/ready, /metrics)
  emulator   %s   (keeps everything in memory: make down forgets it)
  settings   %s
  logs       make logs          status   make status          stop   make down

Try it:

  curl -i %s/invoices -H 'Content-Type: application/json' -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" \
    -d '{"invoice_number":"TEST-001","seller_merchant_id":"merchant-123","buyer_gstin":"29AABCU9603R1ZN","invoice_date":"2025-11-26","due_date":"2025-12-26","total_amount":15000,"items":[]}'
`, time.Since(s.began).Seconds(), env["API_URL"], env["AWS_ENDPOINT_URL"], s.file("stack.env"), env["API_URL"])
	return err
}

// down stops the processes, and the functions that the emulator started with it.
// Logs stay, to be read afterwards.
func (s *stack) down(ctx context.Context) error {
	for _, name := range s.processes() {
		stopped, err := s.stop(name)
		if err != nil {
			return fmt.Errorf("stop the %s: %w", name, err)
		}
		if stopped {
			fmt.Printf("%s stopped\n", name)
		} else {
			fmt.Printf("%s was not running\n", name)
		}
	}
	return errors.Join(s.sweep(ctx), s.forgetInstance())
}

// processes by name, in the order in which they are stopped.
func (s *stack) processes() []string {
	names := []string{"front", "collector", "emulator", "tables"}
	if _, err := os.Stat(s.file("faults.pid")); err == nil {
		names = append(names, "faults")
	}
	return names
}

// forgetInstance removes what was true of one run of the emulator only.
func (s *stack) forgetInstance() error {
	var errs []error
	for _, name := range []string{"bootstrapped", "bed", "stack.env", "outputs.json", "emulator"} {
		errs = append(errs, os.RemoveAll(s.file(name)))
	}
	return errors.Join(errs...)
}
