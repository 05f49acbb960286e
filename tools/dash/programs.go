package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/invochain/invochain/tools/process"
)

// startStore starts VictoriaMetrics, which listens at the address store and shows the state
// of the alerts that vmalert serves at the address alerts.
func (d dashboard) startStore(ctx context.Context, api *url.URL, store, alerts string) (<-chan error, error) {
	scrape := filepath.Join(d.dir, "scrape.yml")
	if err := os.WriteFile(scrape, []byte(scrapeConfig(api)), 0o600); err != nil {
		return nil, err
	}
	return d.start(ctx, victoriaMetrics,
		"-httpListenAddr="+store, "-storageDataPath="+filepath.Join(d.dir, "data"), "-promscrape.config="+scrape,
		"-vmui.customDashboardsPath=infra/dashboards/vmui", "-vmalert.proxyURL=http://"+alerts,
		"-search.latencyOffset=0s", "-retentionPeriod=1w")
}

// startAlerts starts vmalert, which evaluates the alerts on the metrics in store.
func (d dashboard) startAlerts(ctx context.Context, store, alerts string) (<-chan error, error) {
	return d.start(ctx, vmalert,
		"-httpListenAddr="+alerts, "-datasource.url=http://"+store, "-rule=infra/dashboards/alert/invochain.yml",
		"-remoteWrite.url=http://"+store, "-notifier.blackhole", "-evaluationInterval="+d.interval.String())
}

func (d dashboard) start(ctx context.Context, name string, args ...string) (<-chan error, error) {
	command := append([]string{filepath.Join(d.bin, name)}, args...)
	return d.programs.Start(ctx, process.Program{Name: name, Command: command})
}

// stop stops both programs, also if ctx has ended.
func (d dashboard) stop(ctx context.Context) {
	for _, name := range []string{vmalert, victoriaMetrics} {
		if _, err := d.programs.Stop(ctx, name); err != nil {
			fmt.Fprintln(os.Stderr, "✗ "+err.Error())
		}
	}
}

// scrapeConfig returns the configuration that scrapes the metrics of the fleet.
func scrapeConfig(api *url.URL) string {
	return fmt.Sprintf("scrape_configs:\n  - job_name: invochain\n    scrape_interval: 5s\n    scheme: %s\n"+
		"    static_configs:\n      - targets: [%q]\n", api.Scheme, api.Host)
}
