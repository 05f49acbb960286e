// Package collector adds up what a fleet of short-lived processes recorded, and serves the
// sums as Prometheus text. A process writes what it added since its last line, as a batch
// with a unique id. So its records count even if it is frozen or killed afterwards, and a
// batch that is read twice is added once.
//
// The batches are lines of a log, which is read from its beginning and then followed. A
// collector that starts late, or again, arrives at the same sums; they are whole numbers of
// a small unit, so that the order of the additions makes no difference.
//
// The memory of a collector is bounded: the series of each metric, the ids that it
// remembers and the length of a line.
package collector
