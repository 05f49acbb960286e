package main

import (
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
)

// binaries prints size and time to be ready of each function: from spawning its
// process to its first call of the Lambda runtime API, the median of many.
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
			d, err := ready(ctx, path)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			times = append(times, d)
		}
		slices.Sort(times)
		fmt.Printf("| %s | %.1f | %.1f |\n", filepath.Base(filepath.Dir(path)), float64(info.Size())/1e6, float64(times[7].Microseconds())/1000)
	}
	return nil
}

// ready spawns a function against a runtime API that only takes the time.
func ready(ctx context.Context, path string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	asked := make(chan time.Time, 1)
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case asked <- time.Now():
		default:
		}
		<-r.Context().Done()
	})}
	go func() { _ = server.Serve(l) }()
	defer func() { _ = server.Close() }()
	cmd := exec.CommandContext(ctx, path)
	cmd.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+l.Addr().String())
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	select {
	case at := <-asked:
		return at.Sub(began), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
