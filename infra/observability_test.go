package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/infra/dashboards/alert"
)

// alarms returns all alarms of the stack, composite alarms included.
func alarms() map[string]map[string]any {
	all := resources(observabilityStack, "AWS::CloudWatch::CompositeAlarm")
	maps.Copy(all, resources(observabilityStack, "AWS::CloudWatch::Alarm"))
	return all
}

// TestEveryAlarmNamesItsRunbook checks also that every alarm notifies a topic, except for
// those that are part of a composite alarm.
func TestEveryAlarmNamesItsRunbook(t *testing.T) {
	var rules strings.Builder
	for _, p := range resources(observabilityStack, "AWS::CloudWatch::CompositeAlarm") {
		fmt.Fprintln(&rules, p["AlarmRule"])
	}
	for id, p := range alarms() {
		page := regexp.MustCompile(`docs/runbooks/[a-z-]+\.md$`).FindString(p["AlarmDescription"].(string))
		require.NotEmpty(t, page, id)
		require.FileExists(t, filepath.Join("..", page), id)
		_, notifies := p["AlarmActions"]
		part := strings.Contains(rules.String(), "Ref:"+id+"]")
		require.Equal(t, part, !notifies, "%s: part of a composite alarm: %t, notifies: %t", id, part, notifies)
	}
}

// TestEveryAlertIsAnAlarm checks that every alert has an alarm of its severity.
func TestEveryAlertIsAnAlarm(t *testing.T) {
	topics := map[alert.Severity]string{alert.Page: "Pages", alert.Ticket: "Tickets"}
	for _, a := range alert.All() {
		found := 0
		for id, p := range alarms() {
			if to, notifies := p["AlarmActions"]; notifies && p["AlarmDescription"] == describe(a) {
				require.Contains(t, fmt.Sprint(to), "Ref:"+topics[a.Severity], id)
				found++
			}
		}
		require.Positive(t, found, a.Name)
	}
	count := map[string]int{}
	for id := range alarms() {
		for _, kind := range []string{"DLQGrew", "DLQOld", "QueueOld"} {
			if strings.Contains(id, kind) {
				count[kind]++
			}
		}
	}
	require.Equal(t, map[string]int{"DLQGrew": 5, "DLQOld": 5, "QueueOld": 4}, count)
}

// TestDeadLettersAlarmAtEachArrival: what lies there already neither keeps the alarm on nor hides a
// second incident, and a healed saga's copies are no dead letters to act on.
func TestDeadLettersAlarmAtEachArrival(t *testing.T) {
	for id, p := range alarms() {
		require.NotContains(t, id, "CompensationDLQ")
		if !strings.Contains(id, "DLQGrew") {
			continue
		}
		require.Equal(t, []any{1.0, 15.0, 1.0}, []any{p["DatapointsToAlarm"], p["EvaluationPeriods"], p["Threshold"]}, id)
		var metrics []string
		for _, m := range p["Metrics"].([]any) {
			m := m.(map[string]any)
			if m["Expression"] != nil {
				require.Contains(t, []any{"DIFF(visible + hidden)"}, m["Expression"])
				continue
			}
			metrics = append(metrics, m["MetricStat"].(map[string]any)["Metric"].(map[string]any)["MetricName"].(string))
		}
		require.ElementsMatch(t,
			[]string{"ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"}, metrics, id)
	}
}

// TestBurnAlarms compares the alarms with the SRE Workbook's table, computed by hand.
func TestBurnAlarms(t *testing.T) {
	type want struct {
		limit   float64
		period  int
		periods int
	}
	const day = 24 * 3600
	for id, w := range map[string]want{
		"ErrorsFast1": {0.0144, 3600, 1}, "ErrorsFast2": {0.0144, 300, 1},
		"ErrorsSteady1": {0.006, 6 * 3600, 1}, "ErrorsSteady2": {0.006, 1800, 1},
		"ErrorsSlow1": {0.003, day, 1}, "ErrorsSlow2": {0.003, 2 * 3600, 1},
		"ErrorsCreeping1": {0.001, day, 3}, "ErrorsCreeping2": {0.001, 6 * 3600, 1},
		"LatencyFast1": {0.72, 3600, 1}, "LatencyFast2": {0.72, 300, 1},
		"LatencySteady1": {0.3, 6 * 3600, 1}, "LatencySteady2": {0.3, 1800, 1},
		"LatencySlow1": {0.15, day, 1}, "LatencySlow2": {0.15, 2 * 3600, 1},
		"LatencyCreeping1": {0.05, day, 3}, "LatencyCreeping2": {0.05, 6 * 3600, 1},
	} {
		t.Run(id, func(t *testing.T) {
			p := alarms()[id]
			require.NotNil(t, p)
			require.InDelta(t, w.limit, p["Threshold"], 1e-9)
			require.EqualValues(t, w.periods, p["EvaluationPeriods"])
			require.Equal(t, "GreaterThanThreshold", p["ComparisonOperator"])
			stat := p["Metrics"].([]any)[0].(map[string]any)["MetricStat"].(map[string]any)
			require.EqualValues(t, w.period, stat["Period"])
		})
	}
	for _, a := range alert.All()[:8] {
		rule := fmt.Sprint(resources(observabilityStack, "AWS::CloudWatch::CompositeAlarm")[a.Name]["AlarmRule"])
		require.Regexp(t, `ALARM.*`+a.Name+`1.* AND ALARM.*`+a.Name+`2`, rule)
	}
}

// TestTablesAreWatched: each table has an alarm on throttles of itself and of each of its indexes.
func TestTablesAreWatched(t *testing.T) {
	watched := map[string]int{}
	for _, p := range resources(observabilityStack, "AWS::CloudWatch::Alarm") {
		queries, _ := p["Metrics"].([]any)
		for _, q := range queries {
			stat, _ := q.(map[string]any)["MetricStat"].(map[string]any)
			if metric, _ := stat["Metric"].(map[string]any); metric["Namespace"] == "AWS/DynamoDB" {
				watched[metric["MetricName"].(string)]++
			}
		}
	}
	tables, indexes := resources(dataStack, "AWS::DynamoDB::GlobalTable"), 0
	for _, p := range tables {
		of, _ := p["GlobalSecondaryIndexes"].([]any)
		indexes += len(of)
	}
	require.Equal(t, map[string]int{
		"ReadThrottleEvents": len(tables) + indexes, "WriteThrottleEvents": len(tables) + indexes,
		"TransactionConflict": len(tables),
	}, watched)
}

// TestEveryConsumerIsWatched: an invocation that crashes shows in no other alarm until its messages are
// dead-lettered.
func TestEveryConsumerIsWatched(t *testing.T) {
	watched := fmt.Sprint(alarms()["ConsumersFail"]["Metrics"]) + fmt.Sprint(alarms()["CompensationsFail"]["Metrics"])
	aliases := resources(serviceStack, "AWS::Lambda::Alias")
	for _, m := range resources(serviceStack, "AWS::Lambda::EventSourceMapping") {
		require.Contains(t, watched, "OutputRef"+target(t, aliases[target(t, m["FunctionName"])]["FunctionName"]))
	}
	for id, p := range resources(serviceStack, "AWS::StepFunctions::StateMachine") {
		for _, ref := range references(p["DefinitionString"]) {
			if alias, is := aliases[ref.target]; is {
				require.Contains(t, watched, "OutputRef"+target(t, alias["FunctionName"]), id)
			}
		}
	}
}

// TestMissingRunsBreach checks that missing data sets off the alarms on functions that do not run,
// and no other alarm.
func TestMissingRunsBreach(t *testing.T) {
	for id, p := range resources(observabilityStack, "AWS::CloudWatch::Alarm") {
		want := "notBreaching"
		if slices.Contains([]string{"RecoverNotRunning", "KeysNotRotated", "SalesNotCompared"}, id) {
			want = "breaching"
		}
		require.Equal(t, want, p["TreatMissingData"], id)
	}
}

// TestRunsAreWatched: two days without a rotation that succeeded leave four before the key ends. The loss
// of an hourly comparison of the sales is made up for by the next one.
func TestRunsAreWatched(t *testing.T) {
	for alarm, want := range map[string]struct {
		function string
		period   time.Duration
		periods  int
	}{
		"KeysNotRotated":   {"RotateKeys", 24 * time.Hour, 2},
		"SalesNotCompared": {"ConfirmSales", time.Hour, 3},
	} {
		p := resources(observabilityStack, "AWS::CloudWatch::Alarm")[alarm]
		require.NotNil(t, p, alarm)
		require.EqualValues(t, want.periods, p["EvaluationPeriods"])
		queries := p["Metrics"].([]any)
		for i, name := range []string{"Invocations", "Errors"} {
			stat := queries[i].(map[string]any)["MetricStat"].(map[string]any)
			require.EqualValues(t, want.period.Seconds(), stat["Period"])
			require.Equal(t, name, stat["Metric"].(map[string]any)["MetricName"])
			require.Contains(t, fmt.Sprint(stat["Metric"]), want.function, "whose runs these are")
		}
		require.Equal(t, "IF(FILL(runs, 0) - FILL(failed, 0) > 0, 0, 1)", queries[2].(map[string]any)["Expression"])
	}
}

// TestAlarmsCompareOneValue checks that exactly one query of an alarm returns data, as
// CloudWatch requires.
func TestAlarmsCompareOneValue(t *testing.T) {
	for id, p := range resources(observabilityStack, "AWS::CloudWatch::Alarm") {
		queries, several := p["Metrics"].([]any)
		if !several {
			continue
		}
		returned := 0
		for _, q := range queries {
			if q.(map[string]any)["ReturnData"] == true {
				returned++
			}
		}
		require.Equal(t, 1, returned, id)
	}
}
