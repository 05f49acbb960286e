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

// root is the folder of the checkout.
const root = "../../.."

// TestEveryAlertHasItsCases checks that promtool tests each alert (make rules-test) with a
// case that fires it and a case that does not.
func TestEveryAlertHasItsCases(t *testing.T) {
	t.Parallel()
	cases := readAll(t, "*_test.yml")
	for _, a := range alert.All() {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			fires := `alertname: ` + a.Name + `(\n +|, )exp_alerts:( &\w+)?\n +- exp_labels`
			require.Regexp(t, fires, cases, "no case fires the alert")
			require.Regexp(t, `alertname: `+a.Name+`, exp_alerts: \[\]`, cases, "no case keeps the alert silent")
		})
	}
	for _, m := range regexp.MustCompile(`alertname: (\w+)`).FindAllStringSubmatch(cases, -1) {
		exists := slices.ContainsFunc(alert.All(), func(a alert.Alert) bool { return a.Name == m[1] })
		require.True(t, exists, "a case tests the unknown alert %s", m[1])
	}
}

// TestEveryAlertHasCloudWatchConditions excepts the alerts that have an alarm for each queue.
func TestEveryAlertHasCloudWatchConditions(t *testing.T) {
	t.Parallel()
	for _, a := range alert.All() {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			perQueue := slices.Contains([]string{alert.DeadLetters, alert.DeadLettersOld, alert.QueueOld}, a.Name)
			require.Equal(t, perQueue, len(a.Cloud) == 0)
			for _, c := range a.Cloud {
				requireValid(t, c)
			}
		})
	}
}

// requireValid requires a condition to keep CloudWatch's limits: an alarm covers at most a
// day, or seven days if its period is an hour or more.
func requireValid(t *testing.T, c alert.CloudWatchCondition) {
	t.Helper()
	require.LessOrEqual(t, c.Period.Hours(), 24.0)
	require.Positive(t, c.Periods)
	require.LessOrEqual(t, c.Period.Hours()*float64(c.Periods), 7*24.0)
	require.True(t, c.Math != "" || len(c.Terms) == 1, "%d terms and no math", len(c.Terms))
	for _, term := range c.Terms {
		used := c.Math == "" || regexp.MustCompile(`\b`+term.ID+`\b`).MatchString(c.Math)
		require.True(t, used, "%s is not used", term.ID)
	}
}

// TestEveryRunbookCanBeFollowed checks that the commands, functions and pages that a runbook
// names exist.
func TestEveryRunbookCanBeFollowed(t *testing.T) {
	t.Parallel()
	targets := makeTargets(t)
	pages, err := filepath.Glob(filepath.Join(root, "docs/runbooks/*.md"))
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			text := readAll(t, page)
			for _, m := range regexp.MustCompile("`make ([a-z-]+)").FindAllStringSubmatch(text, -1) {
				require.Contains(t, targets, m[1])
			}
			for _, m := range regexp.MustCompile(`FN=([a-z-]+)`).FindAllStringSubmatch(text, -1) {
				require.DirExists(t, filepath.Join(root, "functions", m[1]))
			}
			for _, m := range regexp.MustCompile(`\]\(([a-z-]+\.md)\)`).FindAllStringSubmatch(text, -1) {
				require.FileExists(t, filepath.Join(filepath.Dir(page), m[1]))
			}
		})
	}
}

func TestEveryAlertHasARunbook(t *testing.T) {
	t.Parallel()
	for _, a := range alert.All() {
		require.FileExists(t, filepath.Join(root, a.Link()), a.Name)
		require.Contains(t, []alert.Severity{alert.Page, alert.Ticket}, a.Severity, a.Name)
		require.NotEmpty(t, a.Summary, a.Name)
	}
}

// TestEveryAlertIsExplained checks that docs/slo.md lists each alert with its severity.
func TestEveryAlertIsExplained(t *testing.T) {
	t.Parallel()
	page := readAll(t, filepath.Join(root, "docs/slo.md"))
	for _, a := range alert.All() {
		require.Regexp(t, `(?m)^\|.*\b`+a.Name+`\b.*\| `+string(a.Severity)+` \|.*`+a.Runbook+`\.md`, page)
	}
}

// makeTargets returns the targets of the Makefile and of the files that it includes.
func makeTargets(t *testing.T) []string {
	t.Helper()
	text := readAll(t, filepath.Join(root, "Makefile")) + readAll(t, filepath.Join(root, "tools", "*.mk"))
	var targets []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllStringSubmatch(text, -1) {
		targets = append(targets, m[1])
	}
	return targets
}

// readAll returns the content of the files that match a pattern.
func readAll(t *testing.T, pattern string) string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	var text strings.Builder
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		text.Write(b)
	}
	return text.String()
}
