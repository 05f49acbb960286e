package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// startFront starts the proxy at the fixed address, or leaves one that serves the
// same API.
func (s *stack) startFront(ctx context.Context) error {
	env, err := readEnv(s.file("stack.env"))
	if err != nil {
		return err
	}
	target := s.endpoint() + "/restapis/" + env["INVOCHAIN_API_ID"] + "/v1/_user_request_"
	if _, running := s.running("front"); running {
		if _, err := s.stop("front"); err != nil {
			return err
		}
	}
	port, err := freePort(ctx, s.port, false)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := s.start(ctx, "front", port, nil, self, "-dir", s.dir, "front", strconv.Itoa(port), target); err != nil {
		return err
	}
	if err := s.awaitUp(ctx, "front", fmt.Sprintf("http://127.0.0.1:%d/health", port)); err != nil {
		return err
	}
	f, err := os.OpenFile(s.file("stack.env"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "API_URL=http://localhost:%d\n", port)
	return errors.Join(err, f.Close())
}

// serveFront is the front's own process.
func (s *stack) serveFront(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errUsage
	}
	target, err := url.Parse(args[1])
	if err != nil {
		return err
	}
	server := &http.Server{Handler: front(target), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	errs := make(chan error, 2)
	var lc net.ListenConfig
	for _, host := range []string{"127.0.0.1", "::1"} {
		l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, args[0]))
		if err != nil && host == "::1" {
			break // a machine without IPv6
		}
		if err != nil {
			return err
		}
		go func() { errs <- server.Serve(l) }()
	}
	if err := <-errs; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// front passes requests on to the API's address at the emulator.
func front(target *url.URL) http.Handler {
	transport := &http.Transport{MaxIdleConnsPerHost: 256, MaxIdleConns: 256, IdleConnTimeout: 30 * time.Second}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
			r.Out.Host = target.Host
		},
		Transport: transport,
		ModifyResponse: func(r *http.Response) error {
			if at := r.Header.Get("Location"); at != "" {
				r.Header.Set("Location", strings.TrimPrefix(at, target.Path))
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusBadGateway)
			_, _ = w.Write([]byte(`{"type":"urn:invochain:problem:bad_gateway","title":"Bad Gateway","status":502,` +
				`"code":"bad_gateway","detail":"the emulator did not answer; see make status","request_id":"-","retryable":true}`))
		},
	}
}
