// Package breaker is a circuit breaker that many short-lived processes share through one
// DynamoDB item. A Lambda instance serves one request at a time and may make one call a
// minute: on its own it would never open, and each instance would have to find out for
// itself that the dependency fails.
//
//	CLOSED ── half of at least MinCalls failed in a window ──▶ OPEN
//	  ▲                                                          │ after OpenFor
//	  └── the probe succeeded ── one probe in the whole fleet ◀──┘
//	                             (failed: OPEN for another OpenFor)
//
// Without failures nothing is written. A process counts its successes in memory and writes
// those of the last second together with its first failure. While the current or the previous
// window contains a failure, each process also writes its successes, once a second, so that
// one bad instance does not outvote the fleet. A process reads the state at most once per
// Config.CacheTTL.
//
// A call that hangs has no result until its timeout, while the fleet starts a hundred more.
// So a call that runs longer than Config.Slow is counted as a failure while it runs. If it
// succeeds in the end, that failure is subtracted again.
//
// Each write is conditional on the generation that it is based on. A call counts only in the
// generation that permitted it, so a late result neither closes nor opens a later generation.
// A probe's permit expires, so a probe that crashes does not keep the breaker open. If the
// item cannot be read, calls are permitted, unless the breaker was last seen open and its
// open time has not passed.
//
// Processes compare each other's timestamps. Their clocks must agree within a second or two
// for probes to be single and for OpenFor to be exact; awsclient.Clock takes care of that.
// Counting tolerates clocks that are up to five minutes apart.
package breaker
