package collector

import "github.com/invochain/invochain/shared/metric"

// Names of the collector's own metrics.
const (
	batches     = "collector_batches_total"
	refused     = "collector_deltas_refused_total"
	gaugeErrors = "collector_gauge_errors_total"
)

// Outcomes of a batch.
const (
	added    = "added"
	repeated = "repeated"
)

func selfMetrics() []metric.Definition {
	return []metric.Definition{
		{
			Name: batches, Kind: metric.Counter, Labels: []string{"outcome"},
			Help: "Batches: added, or repeated and not added again.",
		},
		{
			Name: refused, Kind: metric.Counter, Labels: []string{"reason"},
			Help: "Deltas refused: unknown, malformed, or overflow, which were added to the overflow series. " +
				"An instance for which there was no room counts as overflow.",
		},
		{
			Name: gaugeErrors, Kind: metric.Counter, Labels: []string{"source"},
			Help: "Failed readings of gauges, by source.",
		},
	}
}
