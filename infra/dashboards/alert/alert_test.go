package alert_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/infra/dashboards/alert"
)

// root of the checkout.
const root = "../../.."

// TestEveryAlertHasItsCases: one that sets it off and one that does not. promtool runs
// them (make rules-test).
func TestEveryAlertHasItsCases(t *testing.T) {
	var cases strings.Builder
	for _, file := range []string{"burn_test.yml", "inside_test.yml"} {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		cases.Write(b)
	}
	for _, a := range alert.All() {
		require.Regexp(t, `alertname: `+a.Name+`(\n +|, )exp_alerts:( &\w+)?\n +- exp_labels`, cases.String(), "nothing sets %s off", a.Name)
		require.Regexp(t, `alertname: `+a.Name+`, exp_alerts: \[\]`, cases.String(), "%s is never silent", a.Name)
	}
	for _, m := range regexp.MustCompile(`alertname: (\w+)`).FindAllStringSubmatch(cases.String(), -1) {
		require.True(t, slices.ContainsFunc(alert.All(), func(a alert.Alert) bool { return a.Name == m[1] }), "there is no alert %s", m[1])
	}
}

// TestEveryAlertCanBeWatchedInCloudWatch, but for those that the stack makes of each queue.
func TestEveryAlertCanBeWatchedInCloudWatch(t *testing.T) {
	for _, a := range alert.All() {
		perQueue := a.Name == alert.DeadLetters || a.Name == alert.QueueOld
		require.Equal(t, perQueue, len(a.Cloud) == 0, a.Name)
		for _, w := range a.Cloud {
			// CloudWatch's limits for an alarm: a day in all, seven if its period is an hour or more.
			require.LessOrEqual(t, w.Period.Hours(), 24.0, a.Name)
			require.Positive(t, w.Periods, a.Name)
			require.LessOrEqual(t, w.Period.Hours()*float64(w.Periods), 7*24.0, a.Name)
			require.True(t, w.Math != "" || len(w.Terms) == 1, "%s: %d terms and no math", a.Name, len(w.Terms))
			for _, term := range w.Terms {
				require.True(t, w.Math == "" || regexp.MustCompile(`\b`+term.ID+`\b`).MatchString(w.Math), "%s: %s is not used", a.Name, term.ID)
			}
		}
	}
}

// TestEveryRunbookCanBeFollowed: it is there, and the commands, functions and pages that
// it names are, too.
func TestEveryRunbookCanBeFollowed(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	var targets []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllSubmatch(makefile, -1) {
		targets = append(targets, string(m[1]))
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs/runbooks/*.md"))
	require.NoError(t, err)
	for _, page := range pages {
		b, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile("`make ([a-z-]+)").FindAllSubmatch(b, -1) {
			require.Contains(t, targets, string(m[1]), page)
		}
		for _, m := range regexp.MustCompile(`FN=([a-z-]+)`).FindAllSubmatch(b, -1) {
			require.DirExists(t, filepath.Join(root, "functions", string(m[1])), page)
		}
		for _, m := range regexp.MustCompile(`\]\(([a-z-]+\.md)\)`).FindAllSubmatch(b, -1) {
			require.FileExists(t, filepath.Join(filepath.Dir(page), string(m[1])), page)
		}
	}
	for _, a := range alert.All() {
		require.FileExists(t, filepath.Join(root, a.Link()), a.Name)
		require.Contains(t, []alert.Severity{alert.Page, alert.Ticket}, a.Severity, a.Name)
		require.NotEmpty(t, a.Summary, a.Name)
	}
}

// TestEveryAlertIsExplained in the page of objectives, with its severity.
func TestEveryAlertIsExplained(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs/slo.md"))
	require.NoError(t, err)
	for _, a := range alert.All() {
		require.Regexp(t, `(?m)^\|.*\b`+a.Name+`\b.*\| `+string(a.Severity)+` \|.*`+a.Runbook+`\.md`, string(page))
	}
}
