package collector_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tools/collector/collector"
)

// fixture is a collector with its log, on a clock that only the test moves.
type fixture struct {
	*collector.Collector

	cfg collector.Config
	now time.Time
	url string
}

func setup(t *testing.T, change func(*collector.Config)) *fixture {
	t.Helper()
	f := &fixture{
		cfg: collector.Config{Log: filepath.Join(t.TempDir(), "functions.log")},
		now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	if change != nil {
		change(&f.cfg)
	}
	f.open(t)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func (f *fixture) open(t *testing.T) {
	t.Helper()
	f.Collector = collector.New(f.cfg, func() time.Time { return f.now })
	server := httptest.NewServer(f.Handler())
	t.Cleanup(server.Close)
	f.url = server.URL
}

// restart opens another collector over the same log.
func (f *fixture) restart(t *testing.T) {
	t.Helper()
	require.NoError(t, f.Close())
	f.open(t)
}

// write appends text to the log.
func (f *fixture) write(t *testing.T, text string) {
	t.Helper()
	log, err := os.OpenFile(f.cfg.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	_, err = log.WriteString(text)
	require.NoError(t, err)
	require.NoError(t, log.Close())
}

func (f *fixture) metrics(t *testing.T) string {
	t.Helper()
	resp, err := http.Get(f.url + "/metrics") //nolint:noctx // a test's own server
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "text/plain; version=0.0.4; charset=utf-8", resp.Header.Get("Content-Type"))
	var text bytes.Buffer
	_, err = text.ReadFrom(resp.Body)
	require.NoError(t, err)
	return text.String()
}

// requireSamples checks that the metrics contain each of the lines.
func (f *fixture) requireSamples(t *testing.T, lines ...string) {
	t.Helper()
	text := "\n" + f.metrics(t)
	for _, line := range lines {
		require.Contains(t, text, "\n"+line+"\n")
	}
}

// replay returns a line with a batch that counts one replayed request.
func replay(batch string) string {
	return fmt.Sprintf(`InvoChain-Service-CreateInvoice1A2B3C4D-5E6F7 {"at":1,"outcome":"replayed","batch":%q,`+
		`"delta":[{"name":"idempotency_requests_total","labels":{"outcome":"replayed"},"value":1}]}`+"\n", batch)
}

const replays = `idempotency_requests_total{outcome="replayed"}`
