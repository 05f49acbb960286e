package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// start runs a program until ctx ends, with its output in a file. When it has ended,
// the channel that is returned is closed; if it did so by itself, ended says why.
func start(ctx context.Context, ended chan<- error, log, program string, args ...string) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		var out bytes.Buffer
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = 10 * time.Second
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the terminal's Ctrl-C is for us to pass on
		err := cmd.Run()
		_ = os.WriteFile(log, out.Bytes(), 0o600)
		if ctx.Err() == nil {
			ended <- fmt.Errorf("%s ended: %w\n%s", program, err, tail(out.String()))
		}
	}()
	return done
}

func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}

// loopback is a free address of this machine only.
func loopback(ctx context.Context, port int) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// await asks until there is an answer, a program ends, or the time is over.
func await(ctx context.Context, ended <-chan error, address string) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		err := answers(ctx, address)
		if err == nil {
			return nil
		}
		select {
		case end := <-ended:
			return end
		case <-ctx.Done():
			return fmt.Errorf("no answer within %s: %w", startLimit, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// answers is nil if a GET is answered by 200.
func answers(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", address, resp.Status)
	}
	return nil
}
