package main

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// lease of a run; the peers get the same remaining time.
const lease = 500 * time.Millisecond

// work returns its answer and the item to write.
type work func() (answer string, writes dynamo.Item, err error)

// keyRunner runs work once per key: with Once, which stores the answer after the work's
// own write, or with one transaction for both.
type keyRunner struct {
	db            *dynamodb.Client
	keys          *idempotency.Store
	table         string
	inTransaction bool
	runs          int // runs of the work
	effects       int // writes of the work that landed
}

func newKeyRunner(endpoint, table string, inTransaction bool) *keyRunner {
	db := client(endpoint)
	keys := idempotency.New(db, idempotency.Config{Table: table, Lease: lease}, time.Now)
	return &keyRunner{db: db, keys: keys, table: table, inTransaction: inTransaction}
}

func (k *keyRunner) once(ctx context.Context, id string, do work) (string, error) {
	key, fingerprint := idempotency.Key{Scope: "peers", ID: id}, idempotency.Fingerprint([]byte(id))
	if k.inTransaction {
		return k.transaction(ctx, key, fingerprint, do)
	}
	answer, _, err := k.keys.Once(ctx, key, fingerprint, 0, func(ctx context.Context) ([]byte, error) {
		k.runs++
		answer, writes, err := do()
		if err != nil {
			return nil, err
		}
		if _, err = k.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &k.table, Item: writes}); err == nil {
			k.effects++
		}
		return []byte(answer), err
	})
	return string(answer), err
}

// transaction claims the key and completes it in the transaction of the work's write.
func (k *keyRunner) transaction(ctx context.Context, key idempotency.Key, fingerprint string, do work) (string, error) {
	f, err := k.keys.Claim(ctx, key, fingerprint, idempotency.Attributes{})
	if err != nil {
		return "", err
	}
	if f.Status == idempotency.Replay {
		stored, err := f.Record.Answer(key)
		return string(stored), err
	}
	if f.Status != idempotency.Acquired {
		return "", idempotency.ErrBusy
	}
	k.runs++
	answer, writes, err := do()
	if err != nil {
		return "", errors.Join(err, k.commit(ctx, k.keys.Release(f.Claim), nil))
	}
	packed, err := idempotency.Compress([]byte(answer))
	if err != nil {
		return "", err
	}
	completed, err := k.keys.Complete(f.Claim, 0, packed)
	if err != nil {
		return "", err
	}
	return answer, k.commit(ctx, completed, writes)
}

func (k *keyRunner) commit(ctx context.Context, c idempotency.Change, writes dynamo.Item) error {
	change, err := c.InTransaction(k.table)
	if err != nil {
		return err
	}
	items := []types.TransactWriteItem{change}
	if writes != nil {
		items = append(items, types.TransactWriteItem{Put: &types.Put{TableName: &k.table, Item: writes}})
	}
	_, err = k.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
	if err == nil && writes != nil {
		k.effects++
	}
	if _, refused := dynamo.ConditionFailedAt(err, 0); refused {
		return idempotency.ErrLost
	}
	return err
}
