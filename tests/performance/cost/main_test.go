package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/docs"
)

// TestCounts measures an invoice. On a busy machine it takes a little more: the shared rate is settled more
// often for each invoice, and slow calls are recorded.
func TestCounts(t *testing.T) {
	measured, pace := measure(t)
	t.Logf("%+v, %.0f a second", measured, pace)
	requireMetrics(t, measured.MetricBytes, pace)
	measured.MetricBytes = invoice().MetricBytes
	for i := range reflect.TypeFor[counts]().NumField() {
		field := reflect.TypeFor[counts]().Field(i).Name
		got, billed := reflect.ValueOf(measured).Field(i).Float(), reflect.ValueOf(invoice()).Field(i).Float()
		require.InDelta(t, billed, got, 0.06*billed, field)
	}
}

// requireMetrics asserts what is billed for metrics. Invocations of a busy process share their lines, after the
// second that shows that it is busy.
func requireMetrics(t *testing.T, measured, pace float64) {
	t.Helper()
	if pace < 1/createSeconds {
		t.Logf("this machine issues fewer invoices a second than a busy process on AWS, %.0f", 1/createSeconds)
		return
	}
	require.LessOrEqual(t, measured, invoice().MetricBytes)
	require.Greater(t, measured, invoice().MetricBytes/3)
}

// TestBudget asserts what a million invoices cost, and that the logs are less than a tenth of it.
func TestBudget(t *testing.T) {
	t.Parallel()
	all, logs := total(bill(invoice(), docs.Prices()))
	require.LessOrEqual(t, all, budget)
	require.Less(t, logs, logsPart*all)
}

// TestDocument: docs/cost.md shows the tables that the command prints.
func TestDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/cost.md")
	require.NoError(t, err)
	for table := range strings.SplitSeq(report(), "\n\n") {
		require.Contains(t, string(text), strings.TrimSpace(table), "copy what `make cost` prints")
	}
}

// TestSettings: the bill counts with what the templates set.
func TestSettings(t *testing.T) {
	t.Parallel()
	functions := resources(t, "Service", "AWS::Lambda::Function")
	require.NotEmpty(t, functions)
	for id, p := range functions {
		vars := p["Environment"].(map[string]any)["Variables"].(map[string]any)
		if !strings.HasPrefix(id, "RecoverSagas") { // which no invoice needs that goes well
			require.InDelta(t, memoryGB*1024, p["MemorySize"], 0, id)
		}
		require.Equal(t, "0.05", vars["INVOCHAIN_LOG_SAMPLE"], id)
		require.Equal(t, "WARN", p["LoggingConfig"].(map[string]any)["SystemLogLevel"], id)
	}
	kept := 0.0
	for _, p := range resources(t, "Protection", "AWS::Backup::BackupPlan") {
		for _, r := range p["BackupPlan"].(map[string]any)["BackupPlanRule"].([]any) {
			days := r.(map[string]any)["Lifecycle"].(map[string]any)["DeleteAfterDays"].(float64)
			if days > 100 {
				days = 12 // of a month each
			}
			kept += days
		}
	}
	require.InDelta(t, backups, kept, 0)
}

// resources returns the properties of a stack's resources of a type, by logical id.
func resources(t *testing.T, stack, kind string) map[string]map[string]any {
	t.Helper()
	text, err := os.ReadFile("../../../infra/testdata/InvoChain-" + stack + ".json")
	require.NoError(t, err)
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties map[string]any
		}
	}
	require.NoError(t, json.Unmarshal(text, &template))
	found := map[string]map[string]any{}
	for id, r := range template.Resources {
		if r.Type == kind {
			found[id] = r.Properties
		}
	}
	return found
}
