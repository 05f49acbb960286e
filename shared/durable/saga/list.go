package saga

import (
	"context"
	"strconv"
	"strings"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/listing"
)

// attention is the attribute that lists a saga, and the name of its index. It holds the
// merchant's id: of the current record while the saga is COMPENSATING, CANCELLING or STUCK, of the
// archived copy once it is ABORTED or COMPENSATED. A saga that succeeds never has it.
const attention = "attention"

// maxListed bounds the sagas that are read for one page with a state.
const maxListed = 300

// Query selects a page of a merchant's sagas that need attention.
type Query struct {
	MerchantID string
	State      State  // one of ListedStates; empty for all
	Cursor     string // of the page before; empty for the first
	Limit      int    // 1 to 100
}

// ListedStates are the states of the sagas that List returns.
func ListedStates() []State { return []State{Compensating, Cancelling, Stuck, Aborted, Compensated} }

// List returns up to Limit of a merchant's sagas that are in one of ListedStates, the one that
// began last first, and the cursor of the next page; empty on the last page. Those that have
// ended are listed as long as they can be read. A page with a state examines at most maxListed
// sagas, so it may have few or none before the last page. The index may lag behind the table
// by moments. Error: *problem.Error of kind Invalid for a cursor that List did not return for
// this query.
func (s *Store) List(ctx context.Context, q Query) ([]Record, string, error) {
	after, err := q.startKey()
	if err != nil {
		return nil, "", err
	}
	bounds := listing.Bounds{Take: q.Limit, Examine: q.Limit}
	if q.State != "" {
		bounds.Examine = maxListed
	}
	var found []Record
	index := listing.Index{
		Table: s.cfg.Table, Name: attention, Hash: attention, Partition: q.MerchantID, Descending: true,
	}
	last, err := index.Read(ctx, s.db, after, bounds, func(item dynamo.Item) (listing.Verdict, error) {
		r, err := decode(item)
		// A current record whose saga has ended since is listed by its archived copy.
		if err != nil || r.Attention == "" || (q.State != "" && r.State != q.State) {
			return listing.Skip, err
		}
		found = append(found, r)
		return listing.Take, nil
	})
	return found, listing.Cursor(q.identity(), position(last)), err
}

func (q Query) identity() string { return q.MerchantID + "\n" + string(q.State) }

// position returns what a cursor holds of an index key: when the saga began, and the rest of
// the primary key.
func position(key dynamo.Item) string {
	if key == nil {
		return ""
	}
	keyHash := strings.TrimPrefix(dynamo.Text(key["pk"]), idempotency.PartitionKey(""))
	return dynamo.Number(key["begun_at"]) + "#" + keyHash + "#" + dynamo.Text(key["sk"])
}

// startKey returns the index key that the cursor stands for.
func (q Query) startKey() (dynamo.Item, error) {
	at, err := listing.Position(q.identity(), q.Cursor)
	if err != nil || at == "" {
		return nil, err
	}
	parts := strings.Split(at, "#")
	if len(parts) != 3 || len(parts[1]) != keyHashLength || parts[2] == "" {
		return nil, listing.Invalid()
	}
	begunAt, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return nil, listing.Invalid()
	}
	start := dynamo.Key(idempotency.PartitionKey(parts[1]), parts[2])
	start[attention], start["begun_at"] = dynamo.S(q.MerchantID), dynamo.N(begunAt)
	return start, nil
}
