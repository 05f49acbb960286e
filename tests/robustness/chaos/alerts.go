package main

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	apiclient "github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/stack"
)

// dashboards is the program that scrapes the stack's metrics and evaluates the alerts.
const dashboards = ".cache/bin/dash"

// alerts are those that are on now, or were since the run began: by the rules that run
// in production, unchanged, on this stack's metrics.
type alerts struct {
	program *stack.Stack // answers as one does
	stop    func()

	mu sync.Mutex
	on map[string]time.Time // since when each is, or was for the first time
}

// watch starts the program, and looks at the alerts until it is stopped.
func watch(ctx context.Context, api string) (*alerts, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if err := l.Close(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, dashboards, "serve", "-port", port, "-evaluate", "5s")
	cmd.Env = append(cmd.Environ(), "API_URL="+api)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	// It ends with us, also when we are killed; and not by the terminal's Ctrl-C.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
	ended, gone := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(gone)
		runtime.LockOSThread() // the signal comes when the thread that started it ends
		ended <- cmd.Run()
	}()
	a := &alerts{program: &stack.Stack{Client: &apiclient.Client{URL: "http://127.0.0.1:" + port, HTTP: http.DefaultClient}}, on: map[string]time.Time{}}
	a.stop = func() { cancel(); <-gone }
	for begun := time.Now(); ; pause(ctx, 100*time.Millisecond) {
		if err = a.look(ctx); err == nil {
			break
		}
		select {
		case end := <-ended:
			cancel()
			return nil, fmt.Errorf("%s ended (make chaos builds it): %w", dashboards, end)
		default:
		}
		if time.Since(begun) > 30*time.Second || ctx.Err() != nil {
			a.stop()
			return nil, fmt.Errorf("the alerts cannot be read: %w", err)
		}
	}
	go a.follow(ctx)
	return a, nil
}

func (a *alerts) follow(ctx context.Context) {
	for ctx.Err() == nil {
		_ = a.look(ctx) // the next time again
		pause(ctx, 2*time.Second)
	}
}

// look notes what is on.
func (a *alerts) look(ctx context.Context) error {
	var got struct {
		Data struct {
			Alerts []struct {
				State  string            `json:"state"`
				Labels map[string]string `json:"labels"`
			} `json:"alerts"`
		} `json:"data"`
	}
	if err := a.program.Get(ctx, "/api/v1/alerts", &got); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, one := range got.Data.Alerts {
		name := one.Labels["alertname"]
		if _, known := a.on[name]; one.State == "firing" && !known {
			a.on[name] = time.Now()
		}
	}
	return nil
}

// fired tells what was on at any time.
func (a *alerts) fired() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(maps.Keys(a.on))
}

// after tells the same with how long after a time each went on.
func (a *alerts) after(then time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var parts []string
	for _, name := range slices.SortedFunc(maps.Keys(a.on), func(x, y string) int { return a.on[x].Compare(a.on[y]) }) {
		parts = append(parts, fmt.Sprintf("%s after %.0f s", name, a.on[name].Sub(then).Seconds()))
	}
	return strings.Join(parts, ", ")
}

// creeping are the tickets for a budget that is used up in just its 30 days: their windows
// of days look back on some minutes here, of which a few processes that start are more
// than the budget's share. They tell nothing in any experiment.
func creeping() []string { return []string{"ErrorsCreeping", "LatencyCreeping"} }

// judgeAlerts gives those that must go off as long as two looks at the metrics take.
func (r *run) judgeAlerts(ctx context.Context) {
	fmt.Println("\nalerts")
	missing := func() []string {
		return slices.DeleteFunc(slices.Clone(r.must), func(name string) bool { return slices.Contains(r.alerts.fired(), name) })
	}
	for until := time.Now().Add(20 * time.Second); len(missing()) > 0 && time.Now().Before(until); {
		pause(ctx, time.Second)
	}
	r.check(len(missing()) == 0, "what must go off did: %v (missing: %v)", r.must, missing())
	others := slices.DeleteFunc(r.alerts.fired(), func(name string) bool { return slices.Contains(slices.Concat(r.must, r.may, creeping()), name) })
	r.check(len(others) == 0, "nothing else did %v; since the fault began: %s", others, r.alerts.after(r.began[0]))
}
