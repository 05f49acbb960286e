// Package contention measures what one SKU, one series and the audit log bear under DynamoDB's
// conflict rule, which no emulator has: a write that meets a transaction is refused, not queued
// (package conflict). A test fails if a request fails or is compensated, or takes long at 80 % of the
// budget's rate. On a machine that is busy with other things, part of the budget is offered and latencies
// are not judged.
//
// The stores and the issuer run in this process, on DynamoDB Local. Each item of a transaction is
// held for 25 ms, besides the time that DynamoDB Local takes.
//
//	go test ./tests/performance/contention -v -duration 20s -part 1
package contention
