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
// with its first failure reports those of the last second. Once failures are known,
// successes are reported too, once a second for each process, so that one bad
// instance does not speak for the fleet. The state is read at most once in
// Config.Fresh.
//
// A call that hangs says nothing for as long as its timeout, while the fleet starts
// a hundred more. So one that runs for longer than Config.Slow is counted as failed
// at that moment, while it runs; if it ends well after all, that is taken back.
//
// Each change is conditioned on the generation that it was decided on. A call
// counts in the generation that let it through and in no other, so what comes back
// late neither closes nor opens what has moved on. A probe's permit expires, so a
// probe that dies does not keep the breaker open for ever. If the item cannot be
// read, calls are let through, unless it was last seen open and its time is not up.
//
// Times are compared between processes. Their clocks must agree to within a second
// or two for probes to be single and Reset to be kept; cloud.Clock sees to that.
// Counting stands clocks that are up to five minutes apart.
package breaker
