// Package step defines what the code and the state machines share: the names of the sagas' steps,
// of the compensations and of their results in an execution, and the time limit of an execution.
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

// Compensations in the order in which the state machine runs them, and the last state of each
// machine.
const (
	Delete  = "Delete Invoice"
	Release = "Release Inventory"
	Settle  = "Settle Saga"
)

// Steps of a cancellation. Hold is taken in the call of the API, the others by the state machine
// in this order, which ends with Settle. Log Audit and Publish Event follow.
const (
	Hold   = "Hold Invoice"
	Return = "Return Stock"
	Void   = "Void Number"
)

// Keys of the steps in the input and the results of an execution.
const (
	DeleteKey  = "delete_invoice"
	ReleaseKey = "release_inventory"
	ReturnKey  = "return_stock"
	VoidKey    = "void_number"
)

// Keyed is a step that a state machine takes, with its key.
type Keyed struct{ Key, Name string }

// Compensation lists the steps of the state machine that compensates, in order.
func Compensation() []Keyed { return []Keyed{{DeleteKey, Delete}, {ReleaseKey, Release}} }

// Cancellation lists the steps of the state machine that cancels, in order.
func Cancellation() []Keyed { return []Keyed{{ReturnKey, Return}, {VoidKey, Void}} }
