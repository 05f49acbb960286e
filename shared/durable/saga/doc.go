// Package saga runs a request's steps, records them durably, and brings every saga to an
// end: COMPLETED, ABORTED, COMPENSATED or, visibly, STUCK.
//
// A saga is stored in the item of the idempotency key that opened it (package
// idempotency). So opening it costs one write, and completing the key, advancing the
// saga and leaving the outbox mark are one item of the business transaction. That item
// is also the barrier: once a saga is being compensated, its commit is refused.
//
// Steps are data (Step). Run runs them in order; a step whose result is unknown counts
// as done, and its compensation is owed. A Step Functions state machine
// (infra/compensation.go) runs the compensations; it shares its names with package step.
//
// Each arrow of the state diagram in docs/saga.md has a file: commit.go, abort.go,
// compensate.go, settle.go, complete.go and, for recovery, recover.go.
package saga
