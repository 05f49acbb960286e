package saga

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Stats counts the sagas that have not ended.
type Stats struct {
	InFlight int
	Stuck    int           // a lower bound when very many are in flight: not each is read
	Oldest   time.Duration // since the most overdue one was due; 0 when none is overdue
}

const (
	// maxReadPerShard bounds how many sagas of a shard are read. Only a saga's record says
	// that it is stuck; the last due are read, since a stuck one waits up to an hour.
	maxReadPerShard = 500
	// maxDue is later than any due time, in Unix milliseconds.
	maxDue = 1 << 53
)

// Stats counts from the index of due sagas: no scan. The index lags slightly behind the
// table.
func (s *Store) Stats(ctx context.Context) (Stats, error) {
	var stats Stats
	latest := s.now().Add(longestWait)
	for shard := range dueShards {
		entries, err := s.dueIn(ctx, shard, time.UnixMilli(maxDue), 0)
		if err != nil {
			return Stats{}, err
		}
		stats.InFlight += len(entries)
		if len(entries) > 0 {
			stats.Oldest = max(stats.Oldest, s.now().Sub(entries[0].due))
		}
		entries = slices.DeleteFunc(entries, func(e dueEntry) bool { return e.due.After(latest) }) // queued requests
		for entries = entries[max(0, len(entries)-maxReadPerShard):]; len(entries) > 0; {
			page := entries[:min(dynamo.MaxBatchGet, len(entries))]
			entries = entries[len(page):]
			stuck, err := s.countStuck(ctx, page)
			if err != nil {
				return Stats{}, err
			}
			stats.Stuck += stuck
		}
	}
	return stats, nil
}

// countStuck reads the states of up to dynamo.MaxBatchGet sagas. Keys that were throttled
// are read again until ctx ends.
func (s *Store) countStuck(ctx context.Context, entries []dueEntry) (int, error) {
	keys := make([]dynamo.Item, 0, len(entries))
	for _, e := range entries {
		keys = append(keys, e.key)
	}
	stuck := 0
	wanted := map[string]types.KeysAndAttributes{s.cfg.Table: {
		Keys: keys, ProjectionExpression: new("#s"), ExpressionAttributeNames: map[string]string{"#s": "state"},
	}}
	for len(wanted) > 0 {
		out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: wanted})
		if err != nil {
			return 0, fmt.Errorf("read sagas in flight: %w", err)
		}
		for _, item := range out.Responses[s.cfg.Table] {
			var r struct {
				State State `dynamodbav:"state"`
			}
			if err := attributevalue.UnmarshalMap(item, &r); err != nil {
				return 0, fmt.Errorf("decode a saga: %w", err)
			}
			if r.State == Stuck {
				stuck++
			}
		}
		wanted = out.UnprocessedKeys
	}
	return stuck, nil
}
