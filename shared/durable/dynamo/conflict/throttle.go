package conflict

import (
	"sync"
	"time"
)

// PartitionUnits is how many write units a second DynamoDB gives to the items of one partition
// key. The source is "Burst and adaptive capacity" in the DynamoDB Developer Guide.
const PartitionUnits = 1000

// throttle bounds the write units of each partition key in each second. It takes each write for
// one unit, and for two in a transaction: those of items over a kilobyte cost more on AWS.
type throttle struct {
	mu     sync.Mutex
	second int64
	spent  map[partition]int
}

type partition struct{ table, pk string }

// spend takes the units of a write, and reports for each item whether its partition has too few
// left. Then it takes none.
func (t *throttle) spend(keys []Key, each, limit int, now time.Time) (over []bool, throttled bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Unix() != t.second {
		t.second, t.spent = now.Unix(), map[partition]int{}
	}
	over = make([]bool, len(keys))
	for i, k := range keys {
		over[i] = t.spent[partition{k.Table, k.PK}]+each > limit
		throttled = throttled || over[i]
	}
	if !throttled {
		for _, k := range keys {
			t.spent[partition{k.Table, k.PK}] += each
		}
	}
	return over, throttled
}
