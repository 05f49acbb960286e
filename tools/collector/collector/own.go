package collector

import "github.com/invochain/invochain/shared/metric"

// Names of the collector's own metrics.
const (
	batches     = "collector_batches_total"
	Refused     = "collector_deltas_refused_total"
	GaugeErrors = "collector_gauge_errors_total"
)

func selfMetrics() []metric.Definition {
	return []metric.Definition{
		{Name: batches, Kind: metric.Counter, Labels: []string{"outcome"}, Help: "Batches: added; repeated, and so not added again; expired, too old to tell whether it was here before; refused; failed, because the journal could not be written."},
		{Name: Refused, Kind: metric.Counter, Labels: []string{"reason"}, Help: "Deltas left out because they are unknown or malformed, or added to a series whose labels are all overflow; and instances for which there was no room."},
		{Name: GaugeErrors, Kind: metric.Counter, Labels: []string{"source"}, Help: "Readings of gauges that failed, by what was asked."},
	}
}

// Outcomes of a batch.
const (
	added    = "added"
	repeated = "repeated"
	expired  = "expired"
	refused  = "refused"
	failed   = "failed"
)
