package audit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/resilience"
)

// MaxBatch is the largest number of entries in a batch: a transaction has at most 100 items. Appends of
// more take several.
const MaxBatch = 97

// maxAttempts bounds the attempts to append one batch.
const maxAttempts = 30

// Append adds entries to the log, in their order. It skips an entry whose id is in the log already,
// so that appending again, after a lost reply or a redelivery, changes nothing.
func (l *Log) Append(ctx context.Context, entries []Entry) error {
	for batch := range slices.Chunk(entries, MaxBatch) {
		if err := l.appendBatch(ctx, slices.Clone(batch)); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) appendBatch(ctx context.Context, batch []Entry) error {
	backoff := resilience.Backoff{First: 5 * time.Millisecond, Last: 200 * time.Millisecond}
	var last error
	for attempt := 0; attempt < maxAttempts && len(batch) > 0; attempt++ {
		e, err := l.end(ctx)
		if err != nil {
			return err
		}
		items, err := l.items(e, batch)
		if err != nil {
			return err
		}
		_, err = l.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
		if err == nil {
			l.notify(ctx, batch)
			return nil
		}
		if dynamo.CancellationReasons(err) == nil && !dynamo.OutcomeUnknown(err) && !dynamo.Contended(err) {
			return fmt.Errorf("append to the audit log: %w", err)
		}
		batch, last = missing(batch, err), err
		if err := backoff.Wait(ctx); err != nil {
			return err
		}
	}
	if len(batch) > 0 {
		return fmt.Errorf("append to the audit log: too many other writers: %w", last)
	}
	return nil
}

func (l *Log) notify(ctx context.Context, batch []Entry) {
	for _, e := range batch {
		l.cfg.OnAppend(ctx, e)
	}
}

// missing returns the entries of a batch without those that refused its transaction: the log has
// them already.
func missing(batch []Entry, err error) []Entry {
	var rest []Entry
	for i, e := range batch {
		if _, exists := dynamo.ConditionFailedAt(err, i+1); !exists {
			rest = append(rest, e)
		}
	}
	return rest
}

// items returns a transaction's items: the batch, on condition that no other begins at the end of
// the log as it was read, and the entries, each on condition that the log has none with its id.
func (l *Log) items(e end, batch []Entry) ([]types.TransactWriteItem, error) {
	b := batchRow{
		PK: batchPK, SK: batchSK(e.Size), Size: e.Size + int64(len(batch)), Buckets: e.Buckets,
		At: l.cfg.Now().UnixMilli(),
	}
	items := make([]types.TransactWriteItem, 1, len(batch)+1)
	for i, entry := range batch {
		data, err := entry.data()
		if err != nil {
			return nil, err
		}
		at := positionOf(entry.MerchantID, entry.Period(), entry.ID, e.Buckets)
		put, err := l.putNew(row{position: at, Place: e.Size + int64(i), Data: data})
		if err != nil {
			return nil, err
		}
		items, b.Entries = append(items, put), append(b.Entries, at)
	}
	var err error
	items[0], err = l.putNew(b)
	return items, err
}

func (l *Log) putNew(v any) (types.TransactWriteItem, error) {
	item, err := attributevalue.MarshalMap(v)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	return dynamo.TransactPut(l.cfg.Table, item, dynamo.Absent())
}
