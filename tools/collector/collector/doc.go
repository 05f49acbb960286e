// Package collector sums what a fleet of short-lived processes recorded and shows it
// as Prometheus text. A process says how much was added since it last spoke, in a
// batch with an id of its own; so what it said still counts when it is frozen, killed
// or long gone, and saying it twice changes nothing.
//
// Batches come by two ways: as lines of a log, which is read from its beginning and
// followed, and over OTLP/HTTP, where each is kept in a journal before it is answered.
// A collector that starts late or again reads both and arrives at the same sums; they
// are whole numbers of a small unit, so the order of adding makes no difference.
//
// What it holds is bounded: the series of each metric, the ids that it remembers, the
// length of a line and of a body.
package collector
