package idempotency

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Status is the result of a claim.
type Status int

const (
	// Acquired means that the caller owns the key until Claim.Until. If Claim.Resumed is set, an
	// earlier owner began and did not finish: the caller continues from its record.
	Acquired Status = iota
	// Replay means that the key is answered; the record contains the answer.
	Replay
	// InProgress means that another owner works on the key.
	InProgress
	// Compensating means that the effects of an earlier run are being compensated.
	Compensating
	// Mismatch means that the key was used with another payload.
	Mismatch
	// Expired means that the key is answered and its answer no longer replayed.
	Expired
	available // released: the record may be replaced
)

// Claim is the right to work on a key.
type Claim struct {
	KeyHash string
	Owner   string
	Fence   int64
	Until   time.Time
	Resumed bool

	key Key
}

// Result is the status of a claim with the record that it is based on. Item is that record
// with all attributes, including those that the claimant added.
type Result struct {
	Status Status
	Claim  Claim
	Record Record
	Item   dynamo.Item
	Waited bool // the claimant waited for another owner first
}

// Attributes are what a caller adds to the items of its keys.
type Attributes struct {
	New dynamo.Item // of the item that a claim creates
	// Keep returns what a claim of a released key keeps of the item that it replaces, which is of
	// the same payload. Optional.
	Keep func(released dynamo.Item) dynamo.Item
	// Renew names the attributes of New that are set again when an abandoned run is taken over.
	Renew []string
	// ReadFirst is set when the answer may be large. DynamoDB bills a write that a record refuses by the
	// record's size, a read only a fourth of that in units that cost a fifth: an answer of 350 KB takes 350
	// write units or 88 read units.
	ReadFirst bool
}

// replacement returns the attributes of the item that replaces a released one.
func (a Attributes) replacement(released Result, p payload) dynamo.Item {
	if a.Keep == nil || !p.is(released.Record.Fingerprint) {
		return a.New
	}
	item := maps.Clone(a.New)
	maps.Copy(item, a.Keep(released.Item))
	return item
}

var errContended = errors.New("too much contention on the key")

// Claim claims the key in one conditional write, and adds attrs to its item. A key that was
// released takes a second write. A claim that fails returns why, in
// the same call. The lease never outlasts ctx. Errors: what DynamoDB returned after its
// retries.
func (s *Store) Claim(ctx context.Context, key Key, fingerprint string, attrs Attributes) (Result, error) {
	return s.claim(ctx, s.newClaim(ctx, key, s.cfg.Lease), fingerprint, attrs)
}

// Open creates the key's record with an expired lease, for work that another process does: the
// first claim with the same payload takes it over and is not a resumed one.
func (s *Store) Open(ctx context.Context, key Key, fingerprint string, attrs Attributes) (Result, error) {
	handoff := s.newClaim(ctx, key, 0)
	handoff.Fence = 0
	return s.claim(ctx, handoff, fingerprint, attrs)
}

func (s *Store) newClaim(ctx context.Context, key Key, lease time.Duration) Claim {
	if deadline, ok := ctx.Deadline(); ok && lease > 0 {
		lease = max(0, min(lease, time.Until(deadline)-s.cfg.Margin))
	}
	return Claim{KeyHash: key.Hash(), Owner: rand.Text(), Fence: 1, Until: s.now().Add(lease), key: key}
}

func (s *Store) claim(ctx context.Context, c Claim, fingerprint string, attrs Attributes) (Result, error) {
	p, err := c.key.payload(fingerprint)
	if err != nil {
		return Result{}, err
	}
	if attrs.ReadFirst {
		if res, err := s.reread(ctx, c, p); err == nil && res.isFinal() {
			return res, nil
		}
	}
	const attempts = 4 // each failed attempt means that another writer changed the record
	for range attempts {
		res, err := s.put(ctx, c, p, attrs.New, expression.AttributeNotExists(expression.Name("pk")))
		if err == nil && res.Status == available {
			res, err = s.put(ctx, c, p, attrs.replacement(res, p), isUnchanged(res.Record))
		}
		if dynamo.OutcomeUnknown(err) || dynamo.Conflicted(err) {
			res, err = s.reread(ctx, c, p)
		}
		if err == nil && res.Status == InProgress && c.Until.After(s.now()) && res.Record.leaseExpired(s.now()) {
			res, err = s.takeOver(ctx, c, res.Record, p, attrs)
		}
		if err == nil && res.Status == available {
			err = errContended
		}
		if !errors.Is(err, errContended) {
			return res, err
		}
	}
	return Result{}, errContended
}

// isFinal reports whether a write would be refused for good: the key is answered.
func (r Result) isFinal() bool {
	return r.Status == Replay || r.Status == Expired || r.Status == Mismatch
}

// put writes the claimant's record under a condition on the record in its place.
func (s *Store) put(
	ctx context.Context, c Claim, p payload, attrs dynamo.Item, condition expression.ConditionBuilder,
) (Result, error) {
	item, err := newItem(c, p, attrs)
	if err != nil {
		return Result{}, err
	}
	err = dynamo.Put(ctx, s.db, s.cfg.Table, item, condition)
	if dynamo.ConditionFailed(err) {
		return s.evaluate(c, p, dynamo.ConflictingItem(err))
	}
	if err != nil {
		return Result{}, fmt.Errorf("claim a key: %w", err)
	}
	return s.evaluate(c, p, item)
}

func newItem(c Claim, p payload, attrs dynamo.Item) (dynamo.Item, error) {
	item, err := attributevalue.MarshalMap(Record{
		PK: PartitionKey(c.KeyHash), SK: current, KeyState: Open,
		Owner: c.Owner, Fence: c.Fence, LeaseUntil: c.Until.UnixMilli(), Fingerprint: p.keyed,
	})
	if err != nil {
		return nil, err
	}
	maps.Copy(item, attrs)
	return item, nil
}

// evaluate returns what a record means for the claimant. The claimant's own owner token in it
// means that its write landed and only the reply was lost.
func (s *Store) evaluate(c Claim, p payload, item dynamo.Item) (Result, error) {
	if len(item) == 0 {
		return Result{}, errContended
	}
	r, err := decode(item)
	if err != nil {
		return Result{}, err
	}
	res := Result{Record: r, Item: item}
	switch {
	case r.Owner == c.Owner && r.KeyState == Open:
		c.Fence, c.Resumed = r.Fence, r.Fence > 1
		res.Status, res.Claim = Acquired, c
	case r.KeyState == Released:
		res.Status = available
	case !p.is(r.Fingerprint):
		res.Status = Mismatch
	case r.expired(s.now()):
		res.Status = Expired
	case r.KeyState == Done:
		res.Status = Replay
	case r.KeyState == Locked:
		res.Status = Compensating
	default:
		res.Status = InProgress
	}
	return res, nil
}
