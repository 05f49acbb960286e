package main

import (
	"fmt"
	"strings"

	cw "github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/infra/dashboards/alert"
)

// watch makes an alert's alarm. Conditions that must hold together are alarms of their
// own, which tell nobody, and one above them that does.
func (o observability) watch(a alert.Alert) {
	if len(a.Cloud) == 1 {
		o.condition(a.Name, a, a.Cloud[0]).SetAlarmActions(o.tell(a.Severity))
		return
	}
	var rule []string
	for i, w := range a.Cloud {
		rule = append(rule, fmt.Sprintf(`ALARM("%s")`, *o.condition(fmt.Sprintf("%s%d", a.Name, i+1), a, w).Ref()))
	}
	if rule != nil {
		cw.NewCfnCompositeAlarm(o.Stack, jsii.String(a.Name), &cw.CfnCompositeAlarmProps{
			AlarmRule: jsii.String(strings.Join(rule, " AND ")), AlarmDescription: jsii.String(describe(a)),
		}).SetAlarmActions(o.tell(a.Severity))
	}
}

// condition is one alarm on one or more metrics.
func (o observability) condition(id string, a alert.Alert, w alert.CloudWatchCondition) cw.CfnAlarm {
	silence := "notBreaching"
	if w.Silence {
		silence = "breaching"
	}
	return cw.NewCfnAlarm(o.Stack, jsii.String(id), &cw.CfnAlarmProps{
		AlarmDescription: jsii.String(describe(a)), Metrics: metrics(w),
		ComparisonOperator: jsii.String("GreaterThanThreshold"), Threshold: jsii.Number(w.Threshold),
		EvaluationPeriods: jsii.Number(w.Periods), TreatMissingData: jsii.String(silence),
	})
}

// metrics are what an alarm reads; one of them, the last, is what it compares.
func metrics(w alert.CloudWatchCondition) []any {
	var all []any
	for _, t := range w.Terms {
		var dimensions []any
		for _, d := range t.Dimensions {
			dimensions = append(dimensions, &cw.CfnAlarm_DimensionProperty{Name: jsii.String(d.Name), Value: jsii.String(d.Value)})
		}
		all = append(all, &cw.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String(t.ID), ReturnData: w.Math == "",
			MetricStat: &cw.CfnAlarm_MetricStatProperty{
				Metric: &cw.CfnAlarm_MetricProperty{Namespace: jsii.String(t.Namespace), MetricName: jsii.String(t.Name), Dimensions: dimensions},
				Period: jsii.Number(w.Period.Seconds()), Stat: jsii.String(t.Stat),
			},
		})
	}
	if w.Math != "" {
		all = append(all, &cw.CfnAlarm_MetricDataQueryProperty{Id: jsii.String("result"), Expression: jsii.String(w.Math), ReturnData: true})
	}
	return all
}

func (o observability) tell(s alert.Severity) *[]*string { return &[]*string{o.topics[s].TopicArn()} }

func describe(a alert.Alert) string { return a.Summary + " " + a.Link() }
