package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"
)

// startFront starts the proxy at the fixed address anew: its API may be another one
// since. With any port allowed, a running one keeps its own.
func (s *stack) startFront(ctx context.Context) error {
	outputs, err := s.outputs()
	if err != nil {
		return err
	}
	want := s.port
	if _, running := s.running("front"); running && want == 0 {
		want, _ = strconv.Atoi(s.savedPort("front"))
	}
	if _, err := s.stop("front"); err != nil {
		return err
	}
	port, err := freePort(ctx, want)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	api := s.endpoint() + "/restapis/" + outputs["ApiId"] + "/v1/_user_request_"
	if err := s.start(ctx, "front", port, nil, self, "-dir", s.dir, "-bed", s.bed.name, "front", strconv.Itoa(port), api, s.metricsAt()); err != nil {
		return err
	}
	if err := s.awaitUp(ctx, "front", fmt.Sprintf("http://127.0.0.1:%d/health", port)); err != nil {
		return err
	}
	return s.writeEnv(outputs, port)
}

// serveFront is the front's own process.
func (s *stack) serveFront(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errUsage
	}
	port, err := strconv.Atoi(args[0])
	if err != nil {
		return errUsage
	}
	api, errAPI := url.Parse(args[1])
	metrics, errMetrics := url.Parse(args[2])
	if err := errors.Join(errAPI, errMetrics); err != nil {
		return err
	}
	listeners, _, err := listenLoopback(ctx, port)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: front(api, metrics, s.bed.most), MaxHeaderBytes: 32 << 10,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
	}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	errs := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { errs <- server.Serve(l) }()
	}
	if err := <-errs; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
