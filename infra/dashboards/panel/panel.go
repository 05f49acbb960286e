// Package panel describes the operator's dashboard once. Grafana, VictoriaMetrics' own
// interface and CloudWatch each get their form of it.
package panel

// Board is a dashboard.
type Board struct {
	Title string
	Rows  []Row
}

// Row answers one question.
type Row struct {
	Title  string
	Panels []Panel
}

// Panel is one graph.
type Panel struct {
	Title string
	Unit  Unit
	Help  string // what a person should know to read it
	Lines []Line
}

// Line is a query, or several at once by the labels that it keeps.
type Line struct {
	Name string // in the legend; {{label}} stands for a label's value
	// Prom is the query in PromQL, with Window in the place of its window where the
	// viewer chooses that.
	Prom string
	// Cloud is the query in CloudWatch's metric math; empty if it cannot be asked there.
	Cloud string
}

// Window stands in a query for a window that fits the resolution.
const Window = "$window"

// Unit of a panel's axis.
type Unit string

// Units.
const (
	Count     Unit = "count"
	PerSecond Unit = "per second"
	Seconds   Unit = "seconds"
	Share     Unit = "share" // 0 to 1
	Times     Unit = "times" // of the speed that just uses up the budget
	USD       Unit = "USD"
	Rupees    Unit = "rupees per second"
	State     Unit = "state" // 0 closed, 1 half open, 2 open
)
