// Package breaker is a circuit breaker that a fleet of short-lived processes
// shares through one DynamoDB item. A Lambda instance serves one request at a time
// and may see one call a minute: by itself it would never open, and every instance
// would have to learn for itself what another one knows.
//
//	CLOSED ── half of at least MinCalls failed in a window ──▶ OPEN
//	  ▲                                                          │ after Reset
//	  └── the probe succeeded ── one probe in the whole fleet ◀──┘
//	                             (failed: OPEN for another Reset)
//
// While all is well nothing is written: a process counts its calls in memory, and
// reports them with its first failure. Once failures are known, successes are
// reported too, once a second for each process, so that one bad instance does not
// speak for the fleet. The state is read at most once in Config.Fresh.
//
// Each change is conditioned on the generation that it was decided on, so a late
// process neither closes nor opens what has moved on; a probe's permit expires, so
// a probe that dies does not keep the breaker open for ever. If the item cannot be
// read, calls are let through.
package breaker
