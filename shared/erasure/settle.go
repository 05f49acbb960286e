package erasure

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// pendingRow is an erasure that is due later, until it is finished. Times are Unix milliseconds.
type pendingRow struct {
	PK        string            `dynamodbav:"pk"`
	SK        string            `dynamodbav:"sk"`
	Erasure   string            `dynamodbav:"erasure"`
	Version   int64             `dynamodbav:"version"` // of the erasure that ended these keys
	Subjects  []string          `dynamodbav:"subjects"`
	Keys      map[string]string `dynamodbav:"keys"`         // that it ends: the buyer's subject by the id of the key
	Wanted    int64             `dynamodbav:"wanted_at"`    // as the law wants it
	Effective int64             `dynamodbav:"effective_at"` // as the holds allow it; 0 for not
}

// newPending returns the item of an erasure that ends keys later.
func newPending(merchant string, r row, keys map[string]string) pendingRow {
	return pendingRow{
		PK: holdsPK(merchant), SK: pendingPrefix + r.SK + "#" + strconv.FormatInt(r.Version, 10),
		Erasure: r.SK, Version: r.Version, Subjects: r.Subjects, Keys: keys,
		Wanted: r.Effective, Effective: r.Effective,
	}
}

// due returns when the holds allow an erasure, in milliseconds: as it is wanted, or once the last of
// them has ended; 0 while one has no end.
func (p pendingRow) due(holds []holdRow) int64 {
	due := p.Wanted
	for _, h := range covering(holds, p.Subjects) {
		if h.Until == "" {
			return 0
		}
		due = max(due, h.ends().UnixMilli())
	}
	return due
}

// settle makes the erasures that are due later agree with the holds in force. What it changed
// stays changed if it fails half-way; its repetition goes on from there.
func (s *Store) settle(ctx context.Context, merchant string) error {
	return decide(ctx, func() error { return s.trySettle(ctx, merchant) })
}

func (s *Store) trySettle(ctx context.Context, merchant string) error {
	version, err := s.guard(ctx, merchant)
	if err != nil {
		return err
	}
	holds, err := list[holdRow](ctx, s, merchant, holdPrefix)
	if err != nil {
		return err
	}
	pending, err := list[pendingRow](ctx, s, merchant, pendingPrefix)
	if err != nil {
		return err
	}
	now := s.Now()
	holds = inForce(holds, now)
	for _, p := range pending {
		effective := p.Effective != 0 && p.Effective <= now.UnixMilli()
		due := p.due(holds)
		if effective || due == p.Effective {
			continue
		}
		if err := s.move(ctx, merchant, version, p, due); err != nil {
			return err
		}
	}
	return nil
}

// move lets an erasure be due at another time; at once, if that has passed.
func (s *Store) move(ctx context.Context, merchant string, version int64, p pendingRow, due int64) error {
	guard, err := s.checkGuard(merchant, version)
	if err != nil {
		return err
	}
	if due != 0 {
		due = max(due, s.Now().UnixMilli())
	}
	rows, err := s.moveRows(ctx, merchant, p, due)
	if err != nil {
		return err
	}
	items := append([]types.TransactWriteItem{guard}, rows...)
	for keyID, subject := range p.Keys {
		state, err := s.Keys.State(ctx, merchant, subject)
		if err != nil {
			return err
		}
		if state.ID != keyID {
			continue // another erasure has ended it
		}
		change, err := s.moveKey(merchant, subject, keyID, due)
		if err != nil {
			return err
		}
		items = append(items, change...)
	}
	return s.write(ctx, items)
}

func (s *Store) moveKey(merchant, subject, keyID string, due int64) ([]types.TransactWriteItem, error) {
	if due == 0 {
		return s.Keys.KeepKey(merchant, subject, keyID)
	}
	return s.Keys.EndKey(merchant, subject, keyID, time.UnixMilli(due))
}

// moveRows returns the items that write the new time into the pending erasure, its place in the list, and
// its answer unless that is about later keys by now.
func (s *Store) moveRows(
	ctx context.Context, merchant string, p pendingRow, due int64,
) ([]types.TransactWriteItem, error) {
	before := p
	p.Effective = due
	pending, err := s.put(p, expression.Name("effective_at").Equal(expression.Value(before.Effective)))
	if err != nil {
		return nil, err
	}
	listed, err := s.putAlways(p.listed())
	if err != nil {
		return nil, err
	}
	items := []types.TransactWriteItem{pending, s.unlist(before.listed()), listed}
	answer, err := s.load(ctx, merchant, p.Erasure)
	if err != nil || answer.Version != p.Version {
		return items, err
	}
	moved, err := dynamo.TransactUpdate(s.Table, erasureKey(merchant, p.Erasure),
		expression.Set(expression.Name("effective_at"), expression.Value(due)),
		expression.Name("version").Equal(expression.Value(p.Version)))
	return append(items, moved), err
}
