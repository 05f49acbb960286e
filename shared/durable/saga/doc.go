// Package saga runs a request's steps, remembers them durably, and sees every
// saga to an end: COMPLETED, ABORTED, COMPENSATED or, visibly, STUCK.
//
// A saga lives in the same DynamoDB item as the idempotency key that opened it
// (package idempotency), so that opening costs one write, and answering the key,
// advancing the saga and leaving the outbox mark are one item of the business
// transaction. That item is also the barrier: once anybody has turned the saga
// towards compensation, its commit is refused.
//
// Steps are data (Step). Run does them in order; a step whose result is unknown
// counts as done, and its compensation is owed. Compensations run in a Step
// Functions state machine (infra/compensation.go), which shares its names with
// package step. docs/saga.md has the state diagram.
package saga
