package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Placed is an entry that is in the log, with its place and the bytes that are hashed.
type Placed struct {
	Entry

	Place int64
	Data  []byte
}

// Decode reads an entry's canonical bytes.
func Decode(data []byte) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(data, &e); err != nil {
		return Entry{}, fmt.Errorf("decode an audit entry: %w", err)
	}
	return e, nil
}

// MissingError is what Range returns for a place whose entry is not in the register, or which no
// batch gives to an entry. Append leaves no such place.
type MissingError struct{ Place int64 }

func (e *MissingError) Error() string { return fmt.Sprintf("the audit log has no entry %d", e.Place) }

// Find returns the entry with an id, strongly consistent; false if the log has none. The merchant and
// the period are those of the entry.
func (l *Log) Find(ctx context.Context, merchantID, period, id string) (Placed, bool, error) {
	e, err := l.end(ctx)
	if err != nil {
		return Placed{}, false, err
	}
	out, err := l.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &l.cfg.Table, ConsistentRead: aws.Bool(true), Key: positionOf(merchantID, period, id, e.Buckets).key(),
	})
	if err != nil {
		return Placed{}, false, fmt.Errorf("read an audit entry: %w", err)
	}
	if len(out.Item) == 0 {
		return Placed{}, false, nil
	}
	p, err := decodeRow(out.Item)
	return p, err == nil, err
}

func decodeRow(item dynamo.Item) (Placed, error) {
	var r row
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return Placed{}, fmt.Errorf("decode an audit entry: %w", err)
	}
	e, err := Decode(r.Data)
	return Placed{Entry: e, Place: r.Place, Data: r.Data}, err
}

// Range returns the bytes of the entries with places from, inclusive, to to, exclusive, in order and
// strongly consistent. Error: *MissingError.
func (l *Log) Range(ctx context.Context, from, to int64) ([][]byte, error) {
	positions, err := l.positions(ctx, from, to)
	if err != nil {
		return nil, err
	}
	all := make([][]byte, 0, len(positions))
	for part := range slices.Chunk(positions, dynamo.MaxBatchGet) {
		found, err := l.rows(ctx, part)
		if err != nil {
			return nil, err
		}
		for _, p := range part {
			data, exists := found[p]
			if !exists {
				return nil, &MissingError{from + int64(len(all))}
			}
			all = append(all, data)
		}
	}
	return all, nil
}

// positions returns who has the places from, inclusive, to to, exclusive.
func (l *Log) positions(ctx context.Context, from, to int64) ([]position, error) {
	batches, err := l.batches(ctx, max(0, from-MaxBatch+1), to-1) // the one with from may begin before it
	if err != nil {
		return nil, err
	}
	next, all := from, make([]position, 0, to-from)
	for _, b := range batches {
		first, err := strconv.ParseInt(strings.TrimPrefix(b.SK, "BATCH#"), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("decode a batch of the audit log: %w", err)
		}
		for i, p := range b.Entries {
			if place := first + int64(i); place == next && place < to {
				all, next = append(all, p), next+1
			}
		}
	}
	if next != to {
		return nil, &MissingError{next}
	}
	return all, nil
}

// batches returns the batches that begin with the places from first to last, in order.
func (l *Log) batches(ctx context.Context, first, last int64) ([]batchRow, error) {
	keys := expression.Key("pk").Equal(expression.Value(batchPK)).
		And(expression.Key("sk").Between(expression.Value(batchSK(first)), expression.Value(batchSK(last))))
	items, err := dynamo.QueryAll(ctx, l.db, l.cfg.Table, keys)
	if err != nil {
		return nil, fmt.Errorf("read the batches of the audit log: %w", err)
	}
	var batches []batchRow
	err = attributevalue.UnmarshalListOfMaps(items, &batches)
	return batches, err
}

// rows returns the bytes of at most dynamo.MaxBatchGet entries.
func (l *Log) rows(ctx context.Context, positions []position) (map[position][]byte, error) {
	keys := make([]dynamo.Item, 0, len(positions))
	for _, p := range positions {
		keys = append(keys, p.key())
	}
	found := map[position][]byte{}
	items, err := dynamo.GetAll(ctx, l.db, l.cfg.Table, keys)
	if err != nil {
		return nil, fmt.Errorf("read audit entries: %w", err)
	}
	for _, item := range items {
		var r row
		if err := attributevalue.UnmarshalMap(item, &r); err != nil {
			return nil, fmt.Errorf("decode an audit entry: %w", err)
		}
		found[r.position] = r.Data
	}
	return found, nil
}
