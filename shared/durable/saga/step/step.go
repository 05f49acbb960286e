// Package step holds the names that the code and the state machine share: of the
// saga's steps, of its compensations, and of their results in an execution.
package step

// Forward steps, in order.
const (
	Reserve = "Reserve Inventory"
	Create  = "Create Invoice"
	Audit   = "Log Audit"
	Publish = "Publish Event"
)

// Compensations, in the order that the state machine runs them, and its last state.
const (
	Delete  = "Delete Invoice"
	Release = "Release Inventory"
	Settle  = "Settle Saga"
)

// Keys of the compensations in an execution's input and results.
const (
	DeleteKey  = "delete_invoice"
	ReleaseKey = "release_inventory"
)
