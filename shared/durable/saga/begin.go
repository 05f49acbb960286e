package saga

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/idempotency"
)

// BeginInput is what a saga is opened with.
type BeginInput struct {
	MerchantID string
	Reserves   bool   // it has lines that take stock
	Cancels    bool   // it cancels an invoice
	Actor      string // who caused it; at most 128 bytes, empty if that is not known
	// Queued is set for a run that a message started. A message does not name the client of an
	// accepted request, so the next attempt keeps the actor of the last one.
	Queued bool
	Large  bool // the answer may be large, see idempotency.Attributes
}

// BeginResult is the result of a claim, with the saga of the key.
type BeginResult struct {
	idempotency.Result
	Saga  Record
	Fresh bool // this claim opened the saga
}

// Begin claims the key and opens a saga in one write, or returns what is there. While
// another run is in progress it waits for as long as limits allows.
func (s *Store) Begin(
	ctx context.Context, key idempotency.Key, fingerprint string, in BeginInput, limits idempotency.WaitLimits,
) (BeginResult, error) {
	item, err := newItem(s.newRecord(key.Hash(), in, s.cfg.Deadline))
	if err != nil {
		return BeginResult{}, err
	}
	attrs := idempotency.Attributes{
		New: item, Keep: nextAttempt(in.Queued), Renew: []string{"due"}, ReadFirst: in.Large,
	}
	r, err := s.keys.ClaimOrWait(ctx, key, fingerprint, attrs, limits)
	return beginResult(item, r, err)
}

// IsFree reports whether no request with the key was answered or is in progress.
func (s *Store) IsFree(ctx context.Context, key idempotency.Key) (bool, error) {
	r, err := s.get(ctx, idempotency.ItemKey(key.Hash()))
	return r.KeyState == "" || r.KeyState == idempotency.Released, err
}

// IsUntouched reports whether no run with the key was answered, is in progress or may have left something
// behind: a request with it can be refused without a claim. It is also true of an accepted request that no
// run has started.
func (s *Store) IsUntouched(ctx context.Context, key idempotency.Key) (bool, error) {
	r, err := s.get(ctx, idempotency.ItemKey(key.Hash()))
	return r.KeyState == "" || r.KeyState == idempotency.Released || r.KeyState == idempotency.Open && r.Fence == 0, err
}

func (s *Store) newRecord(keyHash string, in BeginInput, deadline time.Duration) Record {
	now := s.now()
	return Record{
		SagaID: newID(keyHash), MerchantID: in.MerchantID, State: Begun, Reserves: in.Reserves, Cancels: in.Cancels,
		Actor: in.Actor, Release: s.cfg.Release,
		BegunAt: now.UnixMilli(), DueShard: s.shardOf(Begun, keyHash), Due: now.Add(deadline).UnixMilli(),
	}
}

// newItem returns the attributes of a new saga without those that idempotency writes.
func newItem(r Record) (dynamo.Item, error) {
	item, err := attributevalue.MarshalMap(r)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"pk", "sk", "key_state", "owner", "fence", "lease_until", "fingerprint"} {
		delete(item, name)
	}
	return item, nil
}

func beginResult(offered dynamo.Item, r idempotency.Result, err error) (BeginResult, error) {
	if err != nil {
		return BeginResult{}, err
	}
	saga, err := decode(r.Item)
	fresh := r.Status == idempotency.Acquired && dynamo.Text(offered["saga_id"]) == saga.SagaID
	return BeginResult{Result: r, Saga: saga, Fresh: fresh}, err
}
