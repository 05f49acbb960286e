package crash

import (
	"fmt"
	"strings"
	"sync"
)

// How a write fails.
const (
	Lost       = "lost"        // it never arrives
	ReplyLost  = "reply lost"  // it lands, and nobody is told
	DiesBefore = "dies before" // the process ends instead of sending it
	DiesAfter  = "dies after"  // the process ends once it has landed
	Stalls     = "comes late"  // it arrives after everybody gave it up
	Throttled  = "throttled"   // DynamoDB has no capacity for it
	Conflicted = "conflicted"  // DynamoDB cancels the transaction for another one
)

// Fault is one write that fails. Write is as Recorded names it, or Every.
type Fault struct{ Write, How string }

// Every write that can fail so does, until the next Arm: a storm.
const Every = "every write"

func (f Fault) String() string { return f.Write + " " + f.How }

// faults decides over each write, and remembers which there were.
type faults struct {
	mu      sync.Mutex
	armed   []Fault
	seen    map[string]int
	record  []string
	release chan struct{} // closed when stalled writes may go on
	landed  sync.Once
}

func newFaults(armed []Fault) *faults {
	return &faults{armed: armed, seen: map[string]int{}, release: make(chan struct{})}
}

// next names a write and says how it is to fail; empty for not at all. Writes of
// one function to one place are numbered: which comes first among functions that
// run side by side does not matter.
func (f *faults) next(function, operation, target string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	name := strings.TrimSpace(function + " " + operation + " " + target)
	f.seen[name]++
	name = fmt.Sprintf("%s #%d", name, f.seen[name])
	f.record = append(f.record, name)
	for _, armed := range f.armed {
		if armed.Write == name || armed.Write == Every {
			return armed.How
		}
	}
	return ""
}

// land lets stalled writes arrive, now and from now on.
func (f *faults) land() { f.landed.Do(func() { close(f.release) }) }

func (f *faults) recorded() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.record...)
}
