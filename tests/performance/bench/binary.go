package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/invochain/invochain/shared/deployment"
)

// binaries prints each function's size and start time: the median time from spawning the
// process to its first call of the Lambda runtime API.
func binaries(ctx context.Context) error {
	found, err := filepath.Glob(filepath.Join("dist", runtime.GOARCH, "*", "bootstrap"))
	if err != nil {
		return err
	}
	fmt.Println("\n| function | MB | ready ms (median of 15) |")
	fmt.Println("|---|---|---|")
	for _, path := range found {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		var times []time.Duration
		for range 15 {
			d, err := startTime(ctx, path)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			times = append(times, d)
		}
		slices.Sort(times)
		fmt.Printf("| %s | %.1f | %.1f |\n", filepath.Base(filepath.Dir(path)),
			float64(info.Size())/1e6, float64(times[7].Microseconds())/1000)
	}
	return nil
}

// startTime spawns a function against a runtime API that only records its first call.
func startTime(ctx context.Context, path string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	called := make(chan time.Time, 1)
	handler := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case called <- time.Now():
		default:
		}
		<-r.Context().Done()
	}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(handler)}
	go func() { _ = server.Serve(l) }()
	defer func() { _ = server.Close() }()
	cmd := exec.CommandContext(ctx, path)
	cmd.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+l.Addr().String(),
		deployment.DocumentKey+"="+os.Getenv(deployment.AuditKey)) // which the environment of tests lacks
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	began, ended := time.Now(), make(chan struct{})
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	defer func() { _ = cmd.Process.Kill() }()
	select {
	case at := <-called:
		return at.Sub(began), nil
	case <-ended:
		return 0, fmt.Errorf("%s: %s", cmd.ProcessState, said.String())
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
