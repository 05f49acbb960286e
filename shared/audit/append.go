package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/resilience"
)

// batchSize is the number of entries in a transaction, next to the chain's head.
const batchSize = 25

// maxAttempts bounds the attempts to append one batch.
const maxAttempts = 30

var errContended = errors.New("append to the audit log: too much contention on the chain's head")

// Append adds entries of one merchant to its chain, in their order. It skips an entry whose
// saga is in the log already, so that appending again, after a lost reply or a redelivery,
// changes nothing.
func (l *Log) Append(ctx context.Context, merchantID string, entries []Entry) error {
	for batch := range slices.Chunk(entries, batchSize) {
		if err := l.appendBatch(ctx, merchantID, slices.Clone(batch)); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) appendBatch(ctx context.Context, merchantID string, batch []Entry) error {
	backoff := resilience.Backoff{First: 5 * time.Millisecond, Last: 200 * time.Millisecond}
	for attempt := 0; attempt < maxAttempts && len(batch) > 0; attempt++ {
		from, err := l.head(ctx, merchantID)
		if err != nil {
			return err
		}
		items, err := l.appendItems(merchantID, from, batch)
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
		batch = missingEntries(batch, err)
		if err := backoff.Wait(ctx); err != nil {
			return err
		}
	}
	if len(batch) > 0 {
		return errContended
	}
	return nil
}

func (l *Log) notify(ctx context.Context, batch []Entry) {
	for _, e := range batch {
		l.cfg.OnAppend(ctx, e)
	}
}

// missingEntries returns the entries of a batch without those that refused its transaction:
// the log has them already.
func missingEntries(batch []Entry, err error) []Entry {
	var missing []Entry
	for i, e := range batch {
		if _, exists := dynamo.ConditionFailedAt(err, i+1); !exists {
			missing = append(missing, e)
		}
	}
	return missing
}

// appendItems returns a transaction's items: the head, on condition that it is where it was
// read, and the entries, each on condition that its saga has none yet.
func (l *Log) appendItems(merchantID string, from head, batch []Entry) ([]types.TransactWriteItem, error) {
	to := head{PK: partition(merchantID), SK: headSK, Seq: from.Seq, Hash: from.Hash}
	items := make([]types.TransactWriteItem, 1, len(batch)+1)
	for _, e := range batch {
		e, err := e.after(to.Seq, to.Hash)
		if err != nil {
			return nil, err
		}
		put, err := l.putEntry(row{PK: to.PK, SK: "ENTRY#" + e.SagaID, Entry: e})
		if err != nil {
			return nil, err
		}
		items = append(items, put)
		to.Seq, to.Hash = e.Seq, e.Hash
	}
	var err error
	items[0], err = l.moveHead(from, to)
	return items, err
}

func (l *Log) putEntry(r row) (types.TransactWriteItem, error) {
	item, err := attributevalue.MarshalMap(r)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	return dynamo.TransactPut(l.cfg.Table, item, dynamo.Absent())
}

func (l *Log) moveHead(from, to head) (types.TransactWriteItem, error) {
	item, err := attributevalue.MarshalMap(to)
	if err != nil {
		return types.TransactWriteItem{}, err
	}
	unmoved := expression.Name("seq_head").Equal(expression.Value(from.Seq))
	return dynamo.TransactPut(l.cfg.Table, item, unmoved.Or(dynamo.Absent()))
}
