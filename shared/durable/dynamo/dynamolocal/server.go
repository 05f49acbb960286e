package dynamolocal

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os/exec"
	"time"
)

const (
	startTimeout = time.Minute
	pollInterval = 50 * time.Millisecond
)

// Server is a running DynamoDB Local.
type Server struct {
	port   int
	cancel context.CancelFunc
	stderr bytes.Buffer
	exited chan struct{}
	err    error // of the process; valid once exited is closed
}

// Start starts a server and waits until it accepts connections, for at most a minute. The
// server runs until Stop, until ctx is cancelled, or until this process ends.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	cfg.exitOnEOF = true
	if cfg.Port == 0 {
		port, err := FreePort(ctx)
		if err != nil {
			return nil, err
		}
		cfg.Port = port
	}
	args, err := Command(cfg)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &Server{port: cfg.Port, cancel: cancel, exited: make(chan struct{})}
	if err := s.spawn(ctx, args); err != nil {
		cancel()
		return nil, fmt.Errorf("start DynamoDB Local (is Java 17 installed?): %w", err)
	}
	if err := s.waitReady(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Server) spawn(ctx context.Context, args []string) error {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the arguments come from Config
	// The pipe stays open as long as this process lives; the server exits at its end.
	if _, err := cmd.StdinPipe(); err != nil {
		return err
	}
	cmd.Stderr = &s.stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		s.err = cmd.Wait()
		close(s.exited)
	}()
	return nil
}

func (s *Server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address())
		if err == nil {
			return conn.Close()
		}
		select {
		case <-s.exited:
			return fmt.Errorf("DynamoDB Local exited (%w): %s", s.err, s.stderr.Bytes())
		case <-ctx.Done():
			return fmt.Errorf("DynamoDB Local did not start: %w", err)
		case <-tick.C:
		}
	}
}

// URL returns the endpoint for a DynamoDB client.
func (s *Server) URL() string { return "http://" + s.address() }

func (s *Server) address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// Stop kills the server and returns when its process has ended.
func (s *Server) Stop() {
	s.cancel()
	<-s.exited
}

// FreePort returns a port on which no process listens on 127.0.0.1.
func FreePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, fmt.Errorf("no TCP address: %s", l.Addr())
	}
	return addr.Port, nil
}
