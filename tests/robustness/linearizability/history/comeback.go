package history

import "slices"

// comebacks returns the events in which the units of cancelled invoices are on hand again: one
// per invoice. Of an invoice that was perhaps cancelled it need not happen.
func comebacks(ops []Op) []event {
	byInvoice := newGroups()
	for _, op := range ops {
		if op.Kind == Cancel && op.SKU != "" {
			byInvoice.add(op.Target, op)
		}
	}
	var all []event
	for _, id := range byInvoice.names {
		if e, found := comeback(ops, byInvoice.of[id]); found {
			all = append(all, e)
		}
	}
	return all
}

// comeback returns the event of an invoice with these cancellations, if one may have succeeded.
func comeback(ops, cancellations []Op) (e event, found bool) {
	for _, v := range []verdict{fresh, replayed, unknown} {
		i := slices.IndexFunc(cancellations, func(op Op) bool { return op.verdict() == v })
		if i < 0 {
			continue
		}
		op := cancellations[i]
		e = event{op: op, does: back, since: earliestBegin(ops, op), until: never}
		if v != unknown {
			e.until = returned(ops, op)
		}
		return e, true
	}
	return event{}, false
}

// returned returns when the units of an accepted cancellation are on hand again at the latest:
// its saga has got past that step, or the run has settled. A status CANCELLED does not show it,
// since the number is voided even after the return has failed.
func returned(ops []Op, accepted Op) int64 {
	until := int64(never)
	for _, op := range ops {
		switch {
		case op.Kind == Saga && op.Target == accepted.Outcome.SagaID && op.past():
			until = min(until, op.Return)
		case op.Kind == Settle && op.Merchant == accepted.Merchant && op.SKU == accepted.SKU:
			until = min(until, op.Call-1)
		}
	}
	return until
}

// past reports whether a read saga of a cancellation has nothing left to do but its log and event.
func (o Op) past() bool { return o.Outcome.State == "COMMITTED" || o.Outcome.State == "COMPLETED" }

// markUnsold sets in each event how many units the returns that have begun by then may have
// taken from the units sold. They are reserved before they are on hand again.
func markUnsold(events []event) {
	for i := range events {
		for _, e := range events {
			if e.does == back && e.since <= events[i].op.Return {
				events[i].unsold += e.op.Quantity
			}
		}
	}
}
