// Package step defines what the code and the state machine share: the names of the saga's steps,
// of its compensations and of their results in an execution, and the time limit of an execution.
package step

import "time"

// ExecutionTimeout is the time limit of an execution. All its attempts and waits fit in it, so
// Settle Saga is reached. Recovery leaves an execution alone for as long.
const ExecutionTimeout = 6 * time.Minute

// Forward steps, in order.
const (
	Reserve = "Reserve Inventory"
	Create  = "Create Invoice"
	Audit   = "Log Audit"
	Publish = "Publish Event"
)

// Compensations in the order in which the state machine runs them, and its last state.
const (
	Delete  = "Delete Invoice"
	Release = "Release Inventory"
	Settle  = "Settle Saga"
)

// Keys of the compensations in the input and the results of an execution.
const (
	DeleteKey  = "delete_invoice"
	ReleaseKey = "release_inventory"
)
