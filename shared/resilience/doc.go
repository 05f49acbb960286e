// Package resilience bounds what a call may cost when what it calls is slow,
// contended or gone. Every remote call is made under the same policies, from the
// outside in:
//
//	inventory:  Breaker(Timeout(Bulkhead(Retry(AttemptTimeout(call)))))
//	any other:          Timeout(Bulkhead(Retry(AttemptTimeout(call))))
//
// The breaker is outermost: that nothing was sent must be known before anything is,
// a call counts once however often it is tried, and a probe is one call (Once). The
// timeout holds retries and the waits between them, and a place in the bulkhead is
// kept through them, so that retries cannot take places from first tries.
//
// A retry also needs the time that is left and a token of the dependency's Budget:
// in an outage a process adds at most a tenth to what it asks. What may have
// happened is retried only since every write of this project is conditional and
// knows its own token again; package dynamo says which errors those are.
//
// Package cloud puts the policies around the AWS clients, package breaker is the
// fleet's circuit breaker.
package resilience
