// Command collector serves the metrics of the whole fleet: the sums of what the functions
// recorded, and the current values of the gauges. It reads the names of tables and queues
// from the environment, as the functions do.
//
//	collector -addr 127.0.0.1:4318 -log functions.log
//
// It serves GET /metrics and GET /health. A collector that starts late, or again, shows
// the same sums.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/operations/gauge"
	"github.com/invochain/invochain/tools/collector/collector"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	addr := flag.String("addr", "127.0.0.1:4318", "address to listen on")
	log := flag.String("log", "", "file with the functions' lines, to be followed")
	flag.Parse()
	if err := run(ctx, *addr, collector.Config{Log: *log}); err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // no deferred call matters any more
	}
}

func run(ctx context.Context, addr string, cfg collector.Config) error {
	gauges, err := newGauges()
	if err != nil {
		return err
	}
	cfg.Gauges = gauges.Read
	c := collector.New(cfg, time.Now)
	defer func() { _ = c.Close() }()
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: c.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	go follow(ctx, c)
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// newGauges reads the gauges of the stack that the environment names.
func newGauges() (*gauge.Reader, error) {
	vars := env.New(os.Getenv)
	cfg := gauge.ConfigFromEnv(vars)
	aws, err := awsclient.Load(awsclient.Options{})
	if err := errors.Join(vars.Err(), err); err != nil {
		return nil, err
	}
	return gauge.New(dynamodb.NewFromConfig(aws), sqs.NewFromConfig(aws), cfg, time.Now), nil
}

// follow reads the log every second, so that a request for the metrics has little to read.
func follow(ctx context.Context, c *collector.Collector) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := c.CatchUp(); err != nil {
			fmt.Fprintln(os.Stderr, err) // the next tick retries; /metrics counts the failure
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
