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

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/stack"
)

// dashboards is the program that scrapes the stack's metrics and evaluates the alerts.
const dashboards = ".cache/bin/dash"

// alerts records which alerts have fired during the run. The rules are those of
// production, unchanged, on this stack's metrics.
type alerts struct {
	program *stack.Stack // a client of the dashboards program
	stop    func()

	mu    sync.Mutex
	fired map[string]time.Time // time when each alert first fired, by name
}

// startAlerts starts the dashboards program and polls its alerts until stop.
func startAlerts(ctx context.Context, api string) (*alerts, error) {
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
	// The program ends with this process, even by SIGKILL, but not by the terminal's Ctrl-C.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM, Setpgid: true}
	ended, gone := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(gone)
		runtime.LockOSThread() // Pdeathsig is sent when the starting thread ends
		ended <- cmd.Run()
	}()
	a := &alerts{
		program: &stack.Stack{Client: &client.Client{URL: "http://127.0.0.1:" + port, HTTP: http.DefaultClient}},
		fired:   map[string]time.Time{},
	}
	a.stop = func() { cancel(); <-gone }
	for start := time.Now(); ; pause(ctx, 100*time.Millisecond) {
		if err = a.poll(ctx); err == nil {
			break
		}
		select {
		case end := <-ended:
			cancel()
			return nil, fmt.Errorf("%s exited (make chaos builds it): %w", dashboards, end)
		default:
		}
		if time.Since(start) > 30*time.Second || ctx.Err() != nil {
			a.stop()
			return nil, fmt.Errorf("read the alerts: %w", err)
		}
	}
	go a.follow(ctx)
	return a, nil
}

func (a *alerts) follow(ctx context.Context) {
	for ctx.Err() == nil {
		_ = a.poll(ctx) // retried at the next tick
		pause(ctx, 2*time.Second)
	}
}

// poll records the alerts that are firing.
func (a *alerts) poll(ctx context.Context) error {
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
		if _, known := a.fired[name]; one.State == "firing" && !known {
			a.fired[name] = time.Now()
		}
	}
	return nil
}

// names lists the alerts that have fired.
func (a *alerts) names() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(maps.Keys(a.fired))
}

// delays lists the alerts with the time from start until each fired.
func (a *alerts) delays(start time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	byTime := slices.SortedFunc(maps.Keys(a.fired), func(x, y string) int { return a.fired[x].Compare(a.fired[y]) })
	var parts []string
	for _, name := range byTime {
		parts = append(parts, fmt.Sprintf("%s after %.0f s", name, a.fired[name].Sub(start).Seconds()))
	}
	return strings.Join(parts, ", ")
}

// ignoredAlerts lists the alerts on an error budget that is spent exactly within its 30
// days. Their windows are days; in a run of minutes, a few process starts exceed the
// budget's share, so they mean nothing in any experiment.
func ignoredAlerts() []string { return []string{"ErrorsCreeping", "LatencyCreeping"} }

// judgeAlerts waits for the alerts that must fire, for as long as two scrapes take.
func (r *run) judgeAlerts(ctx context.Context) {
	fmt.Println("\nalerts")
	missing := func() []string {
		fired := r.alerts.names()
		return slices.DeleteFunc(slices.Clone(r.must), func(name string) bool { return slices.Contains(fired, name) })
	}
	for until := time.Now().Add(20 * time.Second); len(missing()) > 0 && time.Now().Before(until); {
		pause(ctx, time.Second)
	}
	r.check(len(missing()) == 0, "the expected alerts fired: %v (missing: %v)", r.must, missing())
	allowed := slices.Concat(r.must, r.may, ignoredAlerts())
	others := slices.DeleteFunc(r.alerts.names(), func(name string) bool { return slices.Contains(allowed, name) })
	r.check(len(others) == 0, "no other alert fired %v; since the fault began: %s", others, r.alerts.delays(r.began[0]))
}
