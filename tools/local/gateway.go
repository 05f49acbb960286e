package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/tools/process"
)

// startGateway restarts the gateway, because the API's address at the emulator may have
// changed. If any port is allowed, a running gateway keeps its port.
func (s *stack) startGateway(ctx context.Context) error {
	outputs, err := s.outputs()
	if err != nil {
		return err
	}
	port := s.port
	if _, running := s.programs.Running("gateway"); running && port == 0 {
		port, _ = strconv.Atoi(s.programs.Port("gateway"))
	}
	if _, err := s.programs.Stop(ctx, "gateway"); err != nil {
		return err
	}
	port, err = process.FreePort(ctx, port)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	api := s.emulatorURL() + "/restapis/" + outputs[deployment.APIID] + "/v1/_user_request_"
	err = s.start(ctx, process.Program{Name: "gateway", Port: port, Command: []string{
		self, "-dir", s.dir, "-emulator", s.emulator.name, "gateway", strconv.Itoa(port), api, s.collectorURL(),
	}})
	if err != nil {
		return err
	}
	if err := s.awaitAnswer(ctx, "gateway", localURL(port)+"/health"); err != nil {
		return err
	}
	return s.writeEnv(outputs, port)
}

// serveGateway runs in the gateway's own process. Its arguments are the port, the URL of
// the API at the emulator and the URL of the collector.
func (s *stack) serveGateway(ctx context.Context, args []string) error {
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
	listeners, _, err := process.ListenLoopback(ctx, port)
	if err != nil {
		return err
	}
	server := gatewayServer(gateway(api, metrics, s.emulator, s.demoAdmin(args[1])))
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	errs := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { errs <- server.Serve(problemListener{l}) }()
	}
	if err := <-errs; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// gatewayServer returns the server of a gateway. A request of `OPTIONS *` gets to the handler too.
func gatewayServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, MaxHeaderBytes: 32 << 10, DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
	}
}
