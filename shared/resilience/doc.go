// Package resilience holds the policies that bound what a call may cost when its
// dependency is slow, contended or down. Every remote call is made under the same
// policies, from the outermost to the innermost:
//
//	inventory:  Breaker(Timeout(Bulkhead(Retry(AttemptTimeout(call)))))
//	any other:          Timeout(Bulkhead(Retry(AttemptTimeout(call))))
//
// The breaker is outermost, for three reasons: whether anything was sent must be known
// first, a call counts once however many attempts it takes, and a probe is a single
// attempt (WithoutRetries). The timeout includes the retries and their backoff. A call
// keeps its slot in the bulkhead through its retries, so that retries do not take slots
// from first attempts.
//
// A retry also needs enough time before the deadline and a token of the dependency's
// retry budget: during an outage a process sends at most a tenth more requests. A request
// whose outcome is unknown may be retried because every write of this project is
// conditional and recognises its own token; package dynamo lists those errors.
//
// Package awsclient applies the policies to the AWS clients. Package breaker is the
// circuit breaker that all instances share.
package resilience
