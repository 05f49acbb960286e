package alert

import (
	"fmt"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/metric"
)

// The alerts of this file are none of All, because only CloudWatch has their metrics. Their names are
// those that AWS gave what they watch.

const capacityWindow = 5 * time.Minute

// Table is a table and its indexes.
type Table struct {
	Title   string // Platform
	Name    string
	Indexes []string
}

// TableThrottled returns the alert on a table that DynamoDB throttles, or one of its indexes: a throttled
// index refuses the writes of its table.
func TableThrottled(t Table) Alert {
	var terms []Term
	watch := func(id string, dimensions ...Dimension) {
		for _, kind := range []string{"Read", "Write"} {
			terms = append(terms, Term{
				ID: id + strings.ToLower(kind), Namespace: "AWS/DynamoDB", Name: kind + "ThrottleEvents",
				Dimensions: dimensions, Stat: "Sum",
			})
		}
	}
	watch("table", Dimension{"TableName", t.Name})
	for i, index := range t.Indexes {
		watch(fmt.Sprintf("index%d", i), Dimension{"TableName", t.Name}, Dimension{"GlobalSecondaryIndexName", index})
	}
	return Alert{
		Name: t.Title + "Throttled", Severity: Ticket, Runbook: "capacity",
		Summary: "DynamoDB throttles the table " + strings.ToLower(t.Title) + " or its indexes: calls are slow, then 503.",
		Cloud:   []CloudWatchCondition{moreThan(10, terms)},
	}
}

// TransactionConflicts returns the alert on writes that meet other transactions, over all tables.
func TransactionConflicts(tables []Table) Alert {
	var terms []Term
	for _, t := range tables {
		terms = append(terms, Term{
			ID: strings.ToLower(t.Title), Namespace: "AWS/DynamoDB", Name: "TransactionConflict",
			Dimensions: []Dimension{{"TableName", t.Name}}, Stat: "Sum",
		})
	}
	return Alert{
		Name: "TransactionConflicts", Severity: Ticket, Runbook: "capacity",
		Summary: "More than ten writes a second met another transaction on their item: a SKU or a series is busy.",
		Cloud:   []CloudWatchCondition{moreThan(10*capacityWindow.Seconds(), terms)},
	}
}

// FailingCalls returns the alert on calls that DynamoDB did not serve, by our own count: AWS counts them
// by table and operation, which are more metrics than an alarm may have.
func FailingCalls() Alert {
	var terms []Term
	for _, operation := range metric.Values(metric.DynamoDBRequests, "operation") {
		if operation == "BatchWriteItem" {
			continue // no function may call it
		}
		id := strings.ToLower(operation)
		terms = append(terms, own(id, metric.DynamoDBRequests, "Sum", "operation", operation, "outcome", "error"))
	}
	return Alert{
		Name: "TablesFail", Severity: Ticket, Runbook: "capacity",
		Summary: "DynamoDB does not serve calls: more than ten in five minutes failed or took too long.",
		Cloud:   []CloudWatchCondition{moreThan(10, terms)},
	}
}

// FailingFunctions returns the alert on functions that crash or exceed their time: an invocation that
// handles a failure does not count. Functions are the names in Lambda by an id each.
func FailingFunctions(name, runbook, what string, ids, functions []string) Alert {
	var terms []Term
	for i, id := range ids {
		terms = append(terms, runs(id, "Errors", functions[i]))
	}
	return Alert{
		Name: name, Severity: Ticket, Runbook: runbook,
		Summary: "More than ten invocations in five minutes of " + what + " failed, crashed or took too long.",
		Cloud:   []CloudWatchCondition{moreThan(10, terms)},
	}
}

// noRun holds when no run of a function succeeded in a number of periods. It is of CloudWatch alone, which
// counts the runs of functions.
func noRun(function string, period time.Duration, periods int) CloudWatchCondition {
	return CloudWatchCondition{
		Terms:  []Term{runs("runs", "Invocations", function), runs("failed", "Errors", function)},
		Math:   "IF(FILL(runs, 0) - FILL(failed, 0) > 0, 0, 1)",
		Period: period, Periods: periods, BreachOnMissing: true,
	}
}

// runs returns the sum of a metric of Lambda that counts the runs of a function.
func runs(id, name, function string) Term {
	return Term{
		ID: id, Namespace: "AWS/Lambda", Name: name, Dimensions: []Dimension{{"FunctionName", function}}, Stat: "Sum",
	}
}

// ConcurrencyNearLimit returns the alert on the instances that functions without a reservation use, of
// those that they may use.
func ConcurrencyNearLimit(limit float64) Alert {
	return Alert{
		Name: "ConcurrencyNearLimit", Severity: Ticket, Runbook: "capacity",
		Summary: "Functions without reserved concurrency use four fifths of what is left for them in the account.",
		Cloud: []CloudWatchCondition{{
			Terms: []Term{{
				ID: "used", Namespace: "AWS/Lambda", Name: "UnreservedConcurrentExecutions", Stat: "Maximum",
			}},
			Period: time.Minute, Periods: 3, Threshold: limit * 4 / 5,
		}},
	}
}

// moreThan holds while the sum of the terms in a window exceeds n.
func moreThan(n float64, terms []Term) CloudWatchCondition {
	ids := make([]string, len(terms))
	for i, t := range terms {
		ids[i] = "FILL(" + t.ID + ", 0)"
	}
	return CloudWatchCondition{
		Terms: terms, Math: strings.Join(ids, " + "), Period: capacityWindow, Periods: 1, Threshold: n,
	}
}
