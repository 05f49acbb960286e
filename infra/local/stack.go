package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// stack is one running system: a folder with its state, and two processes.
type stack struct {
	root  string // of the checkout
	dir   string // of the state: pids, ports, outputs, logs
	cache string // of downloads, shared by all stacks of the checkout
	port  int    // of the front
	began time.Time
}

func open(dir string, port int) (*stack, error) {
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
	return &stack{root: root, dir: dir, cache: filepath.Join(root, ".cache"), port: port, began: time.Now()}, os.MkdirAll(dir, 0o700)
}

func (s *stack) file(name string) string { return filepath.Join(s.dir, name) }

// up brings the stack to what the checkout says, from whatever state it is in.
func (s *stack) up(ctx context.Context) error {
	steps := []struct {
		title string
		do    func(context.Context) error
	}{
		{"check the tools", s.checkTools},
		{"install the emulator and the CDK CLI", s.install},
		{"build the functions", s.build},
		{"start the emulator", s.startEmulator},
		{"deploy the stacks", s.deploy},
		{"start the front", s.startFront},
		{"seed the demo merchant", s.seed},
	}
	for i, step := range steps {
		began := time.Now()
		fmt.Printf("[%d/%d] %s … ", i+1, len(steps), step.title)
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
		fmt.Printf("%.1f s\n", time.Since(began).Seconds())
	}
	return s.greet()
}

func (s *stack) greet() error {
	env, err := readEnv(s.file("stack.env"))
	if err != nil {
		return err
	}
	_, err = fmt.Printf(`
InvoChain is up after %.0f s.

  API        %s   (also /openapi.json, /health/ready)
  emulator   %s
  settings   %s
  logs       make logs          status   make status          stop   make down

Try it:

  curl -i %s/invoices -H 'Content-Type: application/json' -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" \
    -d '{"invoice_number":"TEST-001","seller_merchant_id":"merchant-123","buyer_gstin":"29AABCU9603R1ZN","invoice_date":"2025-11-26","due_date":"2025-12-26","total_amount":15000,"items":[]}'
`, time.Since(s.began).Seconds(), env["API_URL"], env["AWS_ENDPOINT_URL"], s.file("stack.env"), env["API_URL"])
	return err
}

// down stops the processes, and the functions that the emulator started with it.
func (s *stack) down() error {
	for _, name := range []string{"front", "emulator"} {
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
	for _, name := range []string{"bootstrapped", "stack.env", "outputs.json"} {
		if err := os.Remove(s.file(name)); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

func (s *stack) status(ctx context.Context) error {
	for _, name := range []string{"emulator", "front"} {
		if pid, running := s.running(name); running {
			fmt.Printf("%-9s runs, pid %d, port %s\n", name, pid, s.savedPort(name))
		} else {
			fmt.Printf("%-9s does not run\n", name)
		}
	}
	env, err := readEnv(s.file("stack.env"))
	if os.IsNotExist(err) {
		fmt.Println("nothing is deployed: run make up")
		return nil
	}
	if err != nil {
		return err
	}
	ready, err := get(ctx, env["API_URL"]+"/health/ready")
	if err != nil {
		ready = err.Error()
	}
	fmt.Printf("API       %s\nready     %s\n", env["API_URL"], ready)
	return nil
}

func (s *stack) savedPort(name string) string {
	b, err := os.ReadFile(s.file(name + ".port"))
	if err != nil {
		return "?"
	}
	return string(b)
}

// freePort is want if nobody listens there, else, when any will do, another one.
func freePort(ctx context.Context, want int, anyWillDo bool) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:"+strconv.Itoa(want))
	if err != nil && anyWillDo && want != 0 {
		return freePort(ctx, 0, true)
	}
	if err != nil {
		return 0, fmt.Errorf("port %d is taken by another program (ss -ltnp shows which); stop it, or run with PORT=0", want)
	}
	defer func() { _ = l.Close() }()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("no TCP address: %v", l.Addr())
	}
	return addr.Port, nil
}
