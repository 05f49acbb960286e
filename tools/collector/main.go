// Command collector shows the metrics of the whole fleet: the sums of what the
// functions recorded, and the gauges as they are now. It reads the names of things
// from the environment, as the functions do.
//
//	collector -addr 127.0.0.1:4318 -log functions.log -journal collector.journal
//
// It serves GET /metrics, and takes OTLP/HTTP deltas at POST /v1/metrics. Started
// late, or again with the same files, it shows the same sums.
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
	addr := flag.String("addr", "127.0.0.1:4318", "address to listen at")
	log := flag.String("log", "", "file of the functions' lines, to be followed")
	journal := flag.String("journal", "collector.journal", "file that keeps what comes by OTLP")
	flag.Parse()
	if err := run(ctx, *addr, collector.Config{Log: *log, Journal: *journal}); err != nil {
		fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		os.Exit(1) //nolint:gocritic // nothing is left to be deferred
	}
}

func run(ctx context.Context, addr string, cfg collector.Config) error {
	gauges, err := gauges(ctx)
	if err != nil {
		return err
	}
	cfg.Gauges = gauges.Read
	c, err := collector.Open(cfg, time.Now)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: c.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	go follow(ctx, c)
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// follow keeps what a request for the metrics has to read short.
func follow(ctx context.Context, c *collector.Collector) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := c.CatchUp(); err != nil {
			fmt.Fprintln(os.Stderr, err) // the next time again; /metrics counts it
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// gauges are those of the stack that the environment names.
func gauges(ctx context.Context) (*gauge.Reader, error) {
	vars := env.New(os.Getenv)
	cfg := gauge.ConfigFromEnv(vars)
	aws, err := awsclient.Load(ctx, awsclient.Options{})
	if err := errors.Join(vars.Err(), err); err != nil {
		return nil, err
	}
	return gauge.New(dynamodb.NewFromConfig(aws), sqs.NewFromConfig(aws), cfg, time.Now), nil
}
