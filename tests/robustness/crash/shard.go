package crash

import (
	"encoding/json"
	"net/http"
	"regexp"
	"sync"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// shards are the partitions of the index of due sagas that may hold an entry: those that a write has named
// since the tables were emptied. The index has more than a hundred, and recovery queries each twice. A query
// of any other one gets its answer from here, since DynamoDB Local would spend most of a case on them.
type shards struct {
	mu    sync.Mutex
	named map[string]bool // nil until the tables are emptied: then each query is forwarded
}

// shardName matches each text of a write that may be the name of a shard.
var shardName = regexp.MustCompile(`"S":"((?:[a-z]+-)?\d{1,4})"`) //nolint:gochecknoglobals // a constant

func (s *shards) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.named = map[string]bool{}
}

// written records what a write names.
func (s *shards) written(body []byte) {
	for _, name := range shardName.FindAllSubmatch(body, -1) {
		s.add(string(name[1]))
	}
}

// stored records the shard of an item that a test may have written.
func (s *shards) stored(item dynamo.Item) { s.add(dynamo.Text(item["due_shard"])) }

func (s *shards) add(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.named != nil {
		s.named[name] = true
	}
}

// isEmpty reports whether a call queries a shard without entries.
func (s *shards) isEmpty(operation string, body []byte) bool {
	var in struct {
		IndexName                 string
		ExpressionAttributeValues map[string]struct{ S string }
	}
	if operation != "Query" || json.Unmarshal(body, &in) != nil || in.IndexName != "due" {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range in.ExpressionAttributeValues {
		if v.S != "" {
			return s.named != nil && !s.named[v.S]
		}
	}
	return false
}

func noItems() (reply, error) {
	return answer(http.StatusOK, map[string]any{"Count": 0, "ScannedCount": 0, "Items": []string{}})
}
