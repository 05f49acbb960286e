package main

import (
	"strings"

	"github.com/invochain/invochain/infra/dashboards/alert"
)

// addCapacityAlerts adds the alarms on what AWS refuses or throttles, and on functions that crash.
func (o observability) addCapacityAlerts(s *service) {
	tables := s.data.tables()
	for _, t := range tables {
		o.addAlert(alert.TableThrottled(t))
	}
	o.addAlert(alert.TransactionConflicts(tables))
	o.addAlert(alert.FailingCalls())
	o.addAlert(s.failing("ConsumersFail", "queues", "the consumers of queues",
		createInvoice, reserveInventory, logAudit, publishEvent))
	o.addAlert(s.failing("CompensationsFail", "stuck-saga", "the steps of compensations and cancellations",
		deleteInvoice, releaseInventory, returnStock, voidNumber, settleSaga))
	o.addAlert(alert.ConcurrencyNearLimit(s.unreserved()))
	for _, name := range sortedKeys(s.functions) {
		o.addAlarm(pascal(name)+"Throttled", s.functions[name].MetricThrottles(sum()), 1, alert.Ticket,
			"A function is throttled: it has reached its concurrency limit. docs/runbooks/capacity.md")
	}
}

// tables returns the tables with their indexes.
func (d *data) tables() []alert.Table {
	return []alert.Table{
		{Title: "Platform", Name: *d.platform.TableName(), Indexes: []string{indexDue, indexAttention}},
		{Title: "Invoices", Name: *d.invoices.TableName(), Indexes: []string{indexByMerchant, indexBySubject}},
		{Title: "Inventory", Name: *d.inventory.TableName(), Indexes: []string{indexByMerchant}},
		{Title: "Audit", Name: *d.audit.TableName()},
		{Title: "Keys", Name: *d.keys.TableName()},
		{Title: "Limits", Name: *d.limits.TableName()},
	}
}

// failing returns the alert on these functions.
func (s *service) failing(name, runbook, what string, of ...string) alert.Alert {
	var ids, names []string
	for _, f := range of {
		ids = append(ids, strings.ReplaceAll(f, "-", ""))
		names = append(names, *s.functions[f].FunctionName())
	}
	return alert.FailingFunctions(name, runbook, what, ids, names)
}
