// Package panel defines the operator's dashboard. It is written once and rendered for
// Grafana, for vmui (VictoriaMetrics' own interface) and for CloudWatch.
package panel

// Board is a dashboard.
type Board struct {
	Title string
	Rows  []Row
}

// Row is a group of panels on one subject.
type Row struct {
	Title  string
	Panels []Panel
}

// Panel is one graph.
type Panel struct {
	Title string
	Unit  Unit
	Help  string // what a reader needs to know to interpret the graph
	Lines []Line
}

// Line is a query. It draws one line for each combination of the labels in its result.
type Line struct {
	Name string // in the legend; {{label}} is replaced by the label's value
	// Prom is the query in PromQL, with Window where the viewer chooses the window.
	Prom string
	// Cloud is the query in CloudWatch metric math; empty if CloudWatch cannot express it.
	Cloud string
}

// Window is a placeholder in queries for a window that suits the resolution of the graph.
const Window = "$window"

// Unit is the unit of a panel's axis.
type Unit string

// Units.
const (
	Count     Unit = "count"
	PerSecond Unit = "per second"
	Seconds   Unit = "seconds"
	Share     Unit = "share" // 0 to 1
	Times     Unit = "times" // the sustainable burn rate
	USD       Unit = "USD"
	Rupees    Unit = "rupees per second"
	State     Unit = "state" // 0 closed, 1 half open, 2 open
)
