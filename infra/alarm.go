package main

import (
	"fmt"
	"strings"

	cw "github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/infra/dashboards/alert"
)

// addAlert creates the alarm of an alert. An alert with several conditions becomes one
// alarm per condition, without an action, and a composite alarm that notifies when all
// of them are in alarm.
func (o observability) addAlert(a alert.Alert) {
	if len(a.Cloud) == 1 {
		o.addCondition(a.Name, a, a.Cloud[0]).SetAlarmActions(o.actions(a.Severity))
		return
	}
	var rule []string
	for i, c := range a.Cloud {
		alarm := o.addCondition(fmt.Sprintf("%s%d", a.Name, i+1), a, c)
		rule = append(rule, fmt.Sprintf(`ALARM("%s")`, *alarm.Ref()))
	}
	if rule != nil {
		cw.NewCfnCompositeAlarm(o.Stack, jsii.String(a.Name), &cw.CfnCompositeAlarmProps{
			AlarmRule: jsii.String(strings.Join(rule, " AND ")), AlarmDescription: jsii.String(describe(a)),
		}).SetAlarmActions(o.actions(a.Severity))
	}
}

// addCondition creates one alarm on one or more metrics.
func (o observability) addCondition(id string, a alert.Alert, c alert.CloudWatchCondition) cw.CfnAlarm {
	missing := "notBreaching"
	if c.BreachOnMissing {
		missing = "breaching"
	}
	return cw.NewCfnAlarm(o.Stack, jsii.String(id), &cw.CfnAlarmProps{
		AlarmDescription: jsii.String(describe(a)), Metrics: o.metricQueries(c),
		ComparisonOperator: jsii.String("GreaterThanThreshold"), Threshold: jsii.Number(c.Threshold),
		EvaluationPeriods: jsii.Number(c.Periods), TreatMissingData: jsii.String(missing),
	})
}

// metricQueries returns the metrics that an alarm reads. Exactly one of them returns data:
// the expression if there is one, else the only metric.
func (o observability) metricQueries(c alert.CloudWatchCondition) []any {
	var queries []any
	for _, t := range c.Terms {
		queries = append(queries, &cw.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String(t.ID), ReturnData: c.Math == "",
			MetricStat: &cw.CfnAlarm_MetricStatProperty{
				Metric: o.metricOf(t), Period: jsii.Number(c.Period.Seconds()), Stat: jsii.String(t.Stat),
			},
		})
	}
	if c.Math != "" {
		queries = append(queries, &cw.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String("result"), Expression: jsii.String(c.Math), ReturnData: true,
		})
	}
	return queries
}

func (o observability) metricOf(t alert.Term) *cw.CfnAlarm_MetricProperty {
	t = t.InCell(o.cell)
	var dimensions []any
	for _, d := range t.Dimensions {
		dimensions = append(dimensions, &cw.CfnAlarm_DimensionProperty{
			Name: jsii.String(d.Name), Value: jsii.String(d.Value),
		})
	}
	return &cw.CfnAlarm_MetricProperty{
		Namespace: jsii.String(t.Namespace), MetricName: jsii.String(t.Name), Dimensions: dimensions,
	}
}

// actions returns the topic that an alarm of this severity notifies.
func (o observability) actions(s alert.Severity) *[]*string {
	return &[]*string{o.topics[s].TopicArn()}
}

// describe returns an alarm's description: what is wrong and which runbook to follow.
func describe(a alert.Alert) string { return a.Summary + " " + a.Link() }
