package crash

import (
	"fmt"
	"strings"
	"sync"
)

// How a write fails.
const (
	Lost       = "lost"        // it does not land
	ReplyLost  = "reply lost"  // it lands and its reply is lost
	DiesBefore = "dies before" // the process is killed before it lands
	DiesAfter  = "dies after"  // the process is killed after it has landed
	Stalls     = "comes late"  // it lands after all timeouts
	Throttled  = "throttled"   // DynamoDB throttles it
	Conflicted = "conflicted"  // DynamoDB refuses it because a transaction holds an item
)

// Fault is a failure of one write. Write is a name from Recorded, Every or EveryTransaction.
type Fault struct{ Write, How string }

// All writes, or all transactions, until the next Arm.
const (
	Every            = "every write"
	EveryTransaction = "every transaction"
)

func (f Fault) String() string { return f.Write + " " + f.How }

// IsOfMany reports whether the fault is one of many writes.
func (f Fault) IsOfMany() bool { return f.Write == Every || f.Write == EveryTransaction }

// applies reports whether the fault is one of the write with this name.
func (f Fault) applies(name, operation string) bool {
	return f.Write == name || f.Write == Every || f.Write == EveryTransaction && operation == "TransactWriteItems"
}

// faults assigns faults to writes and records the writes.
type faults struct {
	mu      sync.Mutex
	armed   []Fault
	seen    map[string]int
	record  []string
	release chan struct{} // closed when stalled writes may land
	landed  sync.Once
}

func newFaults(armed []Fault) *faults {
	return &faults{armed: armed, seen: map[string]int{}, release: make(chan struct{})}
}

// next records a write and returns its fault, or empty. Writes are numbered per function
// and target, so the names do not depend on the order of concurrent functions.
func (f *faults) next(function, operation, target string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := strings.TrimSpace(function + " " + operation + " " + target)
	f.seen[name]++
	name = fmt.Sprintf("%s #%d", name, f.seen[name])
	f.record = append(f.record, name)
	for _, armed := range f.armed {
		if armed.applies(name, operation) {
			return armed.How
		}
	}
	return ""
}

// land lets all stalled writes land, present and future.
func (f *faults) land() { f.landed.Do(func() { close(f.release) }) }

func (f *faults) recorded() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.record...)
}
