package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// startLimit is what a program may take to answer for the first time.
const startLimit = 30 * time.Second

// serve scrapes the front's /metrics into a VictoriaMetrics of its own, which draws the
// dashboard in the browser, and has vmalert evaluate the alerts. What it kept goes with it.
func serve(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	bin := flags.String("bin", ".cache/bin", "folder of the programs")
	port := flags.Int("port", 0, "of the dashboard; 0 for any free one")
	every := flags.Duration("evaluate", 15*time.Second, "time between two looks at the alerts")
	if err := flags.Parse(args); err != nil || flags.NArg() > 0 {
		return errUsage
	}
	api, err := url.Parse(os.Getenv("API_URL"))
	if err != nil || api.Host == "" {
		return errors.New("API_URL must say where the stack is: run this by make dash")
	}
	if err := answers(ctx, api.JoinPath("metrics").String()); err != nil {
		return fmt.Errorf("the stack tells no metrics: %w", err)
	}
	dir, err := os.MkdirTemp("", "invochain-dash-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return draw(ctx, api, dir, *bin, *port, *every)
}

// draw starts the two programs, says where to look, and waits for the first to end.
func draw(ctx context.Context, api *url.URL, dir, bin string, port int, every time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	store, err := loopback(ctx, port)
	if err != nil {
		return err
	}
	alerts, err := loopback(ctx, 0)
	if err != nil {
		return err
	}
	scrape := filepath.Join(dir, "scrape.yml")
	if err := os.WriteFile(scrape, []byte(scrapeConfig(api)), 0o600); err != nil {
		return err
	}
	ended := make(chan error, 2)
	vm := start(ctx, ended, filepath.Join(dir, "victoria-metrics.log"), filepath.Join(bin, "victoria-metrics"),
		"-httpListenAddr="+store, "-storageDataPath="+filepath.Join(dir, "data"), "-promscrape.config="+scrape,
		"-vmui.customDashboardsPath=infra/dashboards/vmui", "-vmalert.proxyURL=http://"+alerts,
		"-search.latencyOffset=0s", "-retentionPeriod=1w")
	va := start(ctx, ended, filepath.Join(dir, "vmalert.log"), filepath.Join(bin, "vmalert"),
		"-httpListenAddr="+alerts, "-datasource.url=http://"+store, "-rule=infra/dashboards/alert/invochain.yml",
		"-remoteWrite.url=http://"+store, "-notifier.blackhole", "-evaluationInterval="+every.String())
	defer func() { cancel(); <-vm; <-va }()
	if err := await(ctx, ended, "http://"+store+"/health"); err != nil {
		return err
	}
	fmt.Printf("dashboard   http://%[1]s/vmui/#/dashboards\nalerts      http://%[1]s/vmui/#/rules\nfrom        %[2]s, every 5 s\n\nCtrl-C ends it, and forgets what it kept.\n",
		store, api.JoinPath("metrics"))
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return nil
	}
}

func scrapeConfig(api *url.URL) string {
	return fmt.Sprintf("scrape_configs:\n  - job_name: invochain\n    scrape_interval: 5s\n    scheme: %s\n    static_configs:\n      - targets: [%q]\n",
		api.Scheme, api.Host)
}
