// Package conflict lets a DynamoDB that queues conflicting writes, as DynamoDB Local and the
// emulators do, refuse them as the service on AWS does:
//
//   - PutItem, UpdateItem or DeleteItem of an item that a transaction holds fails with
//     TransactionConflictException;
//   - TransactWriteItems with an item that another transaction holds is cancelled with the
//     reason TransactionConflict for that item.
//
// Nothing is written in either case, and no condition is evaluated. Reads are not affected. If
// asked to, Transport also throttles the writes of a partition key that get too many.
// The source is "Transaction conflict handling" in the DynamoDB Developer Guide. How long
// DynamoDB holds an item is not documented: Transport takes it as a setting.
//
// Rule has the bookkeeping, Transport applies it to HTTP requests. TransactGetItems and
// BatchWriteItem pass unchanged; this project does not call them.
package conflict

import "sync"

// Key identifies an item. Tables have the key attributes pk and sk, both strings.
type Key struct{ Table, PK, SK string }

// Rule knows which items transactions hold. The zero Rule is ready for use, by several
// goroutines at the same time.
type Rule struct {
	mu   sync.Mutex
	held map[Key]bool
}

// Hold holds a transaction's items until release is called. If other transactions hold some of
// them it holds none: release is nil, and conflicts has an entry for each key, true where the
// key is held.
func (r *Rule) Hold(keys []Key) (release func(), conflicts []bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	conflicts, met := make([]bool, len(keys)), false
	for i, key := range keys {
		conflicts[i] = r.held[key]
		met = met || conflicts[i]
	}
	if met {
		return nil, conflicts
	}
	if r.held == nil {
		r.held = map[Key]bool{}
	}
	for _, key := range keys {
		r.held[key] = true
	}
	return func() { r.release(keys) }, nil
}

func (r *Rule) release(keys []Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range keys {
		delete(r.held, key)
	}
}

// Held reports whether a transaction holds the item: then a single write of it is refused.
func (r *Rule) Held(key Key) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held[key]
}

// count returns the number of items that transactions hold.
func (r *Rule) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.held)
}
