package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/invochain/invochain/tools/process"
)

// startTimeout is how long a program may take until it answers.
const startTimeout = 30 * time.Second

// Names of the programs, in the folder of programs and for their logs.
const (
	victoriaMetrics = "victoria-metrics"
	vmalert         = "vmalert"
)

// dashboard is a running VictoriaMetrics, which scrapes the gateway's /metrics and draws the
// dashboard, and a vmalert, which evaluates the alerts. Its folder is removed at the end.
type dashboard struct {
	dir      string
	programs process.Folder
	bin      string        // folder of the programs
	port     int           // of the dashboard; 0 for any free one
	interval time.Duration // between evaluations of the alerts
}

func serve(ctx context.Context, args []string) error {
	var d dashboard
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&d.bin, "bin", ".cache/bin", "folder of the programs")
	flags.IntVar(&d.port, "port", 0, "of the dashboard; 0 for any free one")
	flags.DurationVar(&d.interval, "evaluate", 15*time.Second, "interval between evaluations of the alerts")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return errUsage
	}
	api, err := url.Parse(os.Getenv("API_URL"))
	if err != nil || api.Host == "" {
		return errors.New("API_URL must be the address of the stack: run this by make dash")
	}
	if err := checkMetrics(ctx, api.JoinPath("metrics").String()); err != nil {
		return fmt.Errorf("the stack serves no metrics: %w", err)
	}
	d.dir, err = os.MkdirTemp("", "invochain-dash-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(d.dir) }()
	d.programs = process.Folder(d.dir)
	return d.run(ctx, api)
}

// checkMetrics returns an error unless a GET of address is answered by 200.
func checkMetrics(ctx context.Context, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
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

// run starts the programs and waits until ctx ends or one of them exits.
func (d dashboard) run(ctx context.Context, api *url.URL) error {
	port, err := process.FreePort(ctx, d.port)
	if err != nil {
		return err
	}
	alertPort, err := process.FreePort(ctx, 0)
	if err != nil {
		return err
	}
	defer d.stop(ctx)
	store, alerts := fmt.Sprintf("127.0.0.1:%d", port), fmt.Sprintf("127.0.0.1:%d", alertPort)
	metricsExited, err := d.startStore(ctx, api, store, alerts)
	if err != nil {
		return err
	}
	alertExited, err := d.startAlerts(ctx, store, alerts)
	if err != nil {
		return err
	}
	if err := d.programs.AwaitAnswer(ctx, victoriaMetrics, "http://"+store+"/health", startTimeout); err != nil {
		return err
	}
	fmt.Printf("dashboard   http://%[1]s/vmui/#/dashboards\nalerts      http://%[1]s/vmui/#/rules\n"+
		"source      %[2]s, every 5 s\n\nCtrl-C ends it and deletes the collected metrics.\n", store, api.JoinPath("metrics"))
	select {
	case err := <-metricsExited:
		return d.exitError(victoriaMetrics, err)
	case err := <-alertExited:
		return d.exitError(vmalert, err)
	case <-ctx.Done():
		return nil
	}
}

func (d dashboard) exitError(name string, err error) error {
	return fmt.Errorf("%s exited: %w\n%s", name, err, d.programs.LogTail(name))
}
