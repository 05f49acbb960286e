//go:build dash

// Package dash_test tests the dashboard in a browser, after load on the running stack.
package dash_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/infra/dashboards/alert"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/tests/framework/stack"
)

// picture is the path of the last screenshot.
const picture = "../../.local/dash.png"

// TestLinesAreDrawn: after load the panels show lines. The same page for an hour without
// data shows none.
func TestLinesAreDrawn(t *testing.T) {
	browser := findBrowser(t)
	address := serve(t)
	load(t, os.Getenv("API_URL"))
	require.NoError(t, stack.Await(t.Context(), time.Minute, func() (bool, error) {
		n, err := value(t.Context(), address, `sum(increase(http_request_duration_seconds_count{route="/invoices"}[5m]))`)
		return n >= invoices/2, err
	}), "the metrics do not show the load")

	page := address + "/vmui/?#/dashboards?g0.range_input=5m&g0.relative_time=last_5_minutes"
	lines := browser.lines(t, page, picture)
	require.GreaterOrEqual(t, lines, 12, "lines in %s", picture)
	text := browser.text(t, page)
	for _, want := range []string{
		"Objectives: Available", "Requests: Rate", "POST /invoices", "Sagas: Steps, p95", "Create Invoice ok",
		"Log Audit ok", "Cost: A thousand invoices",
	} {
		require.True(t, strings.Contains(text, want), "%s is not on the page", want) // Contains would print the page
	}

	before := address + "/vmui/?#/dashboards?g0.range_input=1h&g0.end_input=2020-01-01T00:00:00"
	require.Zero(t, browser.lines(t, before, t.TempDir()+"/before.png"), "lines for an hour without data")
}

// TestRulesAreEvaluated: every alert is loaded and evaluated without an error.
func TestRulesAreEvaluated(t *testing.T) {
	address := serve(t)
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, LastError, LastEvaluation string }
			}
		}
	}
	require.NoError(t, stack.Await(t.Context(), time.Minute, func() (bool, error) {
		err := get(t.Context(), address+"/api/v1/rules", &answer)
		if err != nil || len(answer.Data.Groups) != 1 {
			return false, err
		}
		return !strings.HasPrefix(answer.Data.Groups[0].Rules[0].LastEvaluation, "0001"), nil
	}))
	require.Len(t, answer.Data.Groups[0].Rules, len(alert.All()))
	for _, r := range answer.Data.Groups[0].Rules {
		require.Empty(t, r.LastError, r.Name)
	}
}

// serve runs the program of `make dash` until the test ends.
func serve(t *testing.T) (address string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), ".cache/bin/dash", "serve")
	cmd.Dir = "../.."
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Wait() })
	page := regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/vmui/#/dashboards`)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := page.FindStringSubmatch(lines.Text()); m != nil {
			return m[1]
		}
	}
	t.Fatal("the dashboard did not start")
	return ""
}

const invoices = 60

// load issues invoices over half a minute, which is several scrapes.
func load(t *testing.T, api string) {
	t.Helper()
	anyone := &client.Client{URL: api, HTTP: &http.Client{
		Timeout: 40 * time.Second, Transport: &http.Transport{DisableKeepAlives: true},
	}}
	s := anyone.WithCredentials(os.Getenv(deployment.ClientID), os.Getenv(deployment.ClientSecret))
	run := client.NewKey()[:8]
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for i := range invoices {
		<-tick.C
		body := fmt.Appendf(nil, `{"invoice_number":"D%s-%d","seller_merchant_id":"merchant-123",`+
			`"buyer_gstin":"29AABCU9603R1ZJ","invoice_date":"2025-11-26","due_date":"2025-12-26",`+
			`"total_amount":15000,"items":[]}`, run, i)
		r, err := s.Create(t.Context(), client.NewKey(), body)
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
	}
}

// value returns the first value of an instant query; 0 without a result.
func value(ctx context.Context, address, query string) (float64, error) {
	var answer struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	err := get(ctx, address+"/api/v1/query?query="+escape(query), &answer)
	if err != nil || len(answer.Data.Result) == 0 {
		return 0, err
	}
	var n float64
	_, err = fmt.Sscan(fmt.Sprint(answer.Data.Result[0].Value[1]), &n)
	return n, err
}

func get(ctx context.Context, address string, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return json.NewDecoder(resp.Body).Decode(v)
}
