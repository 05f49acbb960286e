// Package step defines the names that the code and the state machine share: those of the saga's
// steps, of its compensations and of their results in an execution.
package step

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
