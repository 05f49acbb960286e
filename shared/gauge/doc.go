// Package gauge reads the metrics that are states, each from where the truth is, when
// somebody asks: sagas from the platform table's index of those that are due, messages
// from the queues, the breaker from its item. Nothing is scanned.
package gauge

// Reading of one gauge. Labels are values, in the order of the catalogue.
type Reading struct {
	Name   string
	Labels []string
	Value  float64
}
