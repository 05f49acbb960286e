package saga

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/batch"
)

// Stats counts the sagas that have not ended. The counts are lower bounds once a shard has more
// sagas than are counted.
type Stats struct {
	InFlight int
	Stuck    int
	Oldest   time.Duration // since the most overdue one was due; 0 when none is overdue
}

// maxDue is later than any due time, in Unix milliseconds.
const maxDue = 1 << 53

// Stats counts up to limit sagas of each shard of the index of due sagas, which lags slightly behind
// the table. No saga is read, so the cost does not grow with the backlog beyond limit.
func (s *Store) Stats(ctx context.Context, limit int) (Stats, error) {
	shards := s.shards()
	counts, oldest, errs := make([]int, len(shards)), make([]time.Duration, len(shards)), make([]error, len(shards))
	batch.Each(len(shards), readers, func(i int) {
		if counts[i], errs[i] = s.count(ctx, shards[i], limit); counts[i] > 0 {
			oldest[i], errs[i] = s.oldest(ctx, shards[i])
		}
	})
	var stats Stats
	for i, shard := range shards {
		stats.InFlight += counts[i]
		stats.Oldest = max(stats.Oldest, oldest[i])
		if strings.HasPrefix(shard, stuckSet) {
			stats.Stuck += counts[i]
		}
	}
	return stats, errors.Join(errs...)
}

// count returns how many sagas a shard has, up to limit. DynamoDB counts at most 1 MB of
// entries in a call, which are over 10,000.
func (s *Store) count(ctx context.Context, shard string, limit int) (int, error) {
	in := s.dueQuery(shard, time.UnixMilli(maxDue), limit)
	in.Select = types.SelectCount
	out, err := s.query(ctx, in)
	if err != nil {
		return 0, err
	}
	return int(out.Count), nil
}

// oldest returns how long the saga of a shard that is due first has been due; 0 if there is none.
func (s *Store) oldest(ctx context.Context, shard string) (time.Duration, error) {
	out, err := s.query(ctx, s.dueQuery(shard, time.UnixMilli(maxDue), 1))
	if err != nil || len(out.Items) == 0 {
		return 0, err
	}
	r, err := decode(out.Items[0])
	return r.Overdue(s.now()), err
}

func (s *Store) query(ctx context.Context, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("query due sagas: %w", err)
	}
	return out, nil
}
