package saga

import (
	"hash/fnv"
	"strconv"
	"time"

	"github.com/invochain/invochain/shared/durable/idempotency"
)

// A partition of DynamoDB takes 1,000 writes a second, and an index that is throttled throttles its
// table. So the index of due sagas is spread over shards, by a hash of the saga's key.
const (
	// defaultDueShards is how many shards there are for new sagas. A saga writes two index entries there.
	defaultDueShards = 64
	// maxDueShards bounds what recovery queries every minute.
	maxDueShards = 1024
	// sideShards is how many shards each of the other sets has. Their writes are failures and
	// what recovery moves.
	sideShards = 16
)

// Sets of shards, as prefixes of their names. A saga is put into the set of its state by the
// writes that make it due at another time: since such a write replaces the index entry anyway,
// it costs nothing. The commit does not: a saga stays in the open set until its audit is late.
const (
	openSet   = ""        // BEGUN, and COMMITTED for the first time
	auditSet  = "audit-"  // COMMITTED, once recovery has requested the audit again
	failedSet = "failed-" // COMPENSATING, CANCELLING
	stuckSet  = "stuck-"
)

func setOf(state State) string {
	switch state {
	case Committed:
		return auditSet
	case Compensating, Cancelling:
		return failedSet
	case Stuck:
		return stuckSet
	default:
		return openSet
	}
}

// shardOf returns the shard of a saga whose due time is written in a state.
func (s *Store) shardOf(state State, keyHash string) string {
	set, n := setOf(state), sideShards
	if set == openSet {
		n = s.cfg.DueShards
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(keyHash))
	return set + strconv.Itoa(int(h.Sum32()%uint32(n)))
}

// shards returns every shard that may hold a saga, those of urgent sagas first. The open set is read up to its
// default size at least, also with a smaller setting: other versions and settings have put sagas there.
func (s *Store) shards() []string {
	all := append(shardsOf(stuckSet, sideShards), shardsOf(failedSet, sideShards)...)
	all = append(all, shardsOf(openSet, max(s.cfg.DueShards, defaultDueShards))...)
	return append(all, shardsOf(auditSet, sideShards)...)
}

func shardsOf(set string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = set + strconv.Itoa(i)
	}
	return names
}

// setDue makes r due at a time, in the shard of its state, and adds that to the change.
func (s *Store) setDue(c idempotency.Change, r *Record, at time.Time) idempotency.Change {
	r.Due, r.DueShard = at.UnixMilli(), s.shardOf(r.State, r.keyHash())
	return c.Set("due", r.Due).Set("due_shard", r.DueShard)
}
