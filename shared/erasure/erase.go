package erasure

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/privacy"
	"github.com/invochain/invochain/shared/retention"
)

// Request asks to erase the contact data of one buyer of a merchant.
type Request struct {
	MerchantID string
	Subjects   []string // of the buyer, by each of its identifiers, at least one
	Law        retention.Law
	Actor      string // the client's id
	// Processed is when the buyer's data was last processed; zero if no document of the buyer is known.
	Processed time.Time
	Kept      []Kept // what stays
}

// ID returns the id of an erasure: the same for the same buyer and law.
func (r Request) ID() string {
	parts := append([]string{r.MerchantID, string(r.Law)}, slices.Compact(slices.Sorted(slices.Values(r.Subjects)))...)
	return "er_" + events.ActID(parts...)
}

// Erase destroys the keys of a buyer, at once or later as the law wants, and returns the erasure. A
// repetition returns the same one. If the buyer has a new key since then, because it came back, that
// one is ended too. Errors: *problem.Error under_hold, which names the holds;
// temporarily_unavailable, after which it may be repeated.
func (s *Store) Erase(ctx context.Context, r Request) (Erasure, error) {
	var e Erasure
	err := decide(ctx, func() (err error) {
		e, err = s.tryErase(ctx, r)
		return err
	})
	return e, err
}

func (s *Store) tryErase(ctx context.Context, r Request) (Erasure, error) {
	version, err := s.guard(ctx, r.MerchantID)
	if err != nil {
		return Erasure{}, err
	}
	holds, err := list[holdRow](ctx, s, r.MerchantID, holdPrefix)
	if err != nil {
		return Erasure{}, err
	}
	// The keys before the answer: a key that another request has just ended is then missing only
	// if the answer is there.
	states, err := s.states(ctx, r)
	if err != nil {
		return Erasure{}, err
	}
	before, err := s.load(ctx, r.MerchantID, r.ID())
	if err != nil {
		return Erasure{}, err
	}
	now := s.Now().Truncate(time.Millisecond)
	maps.DeleteFunc(states, func(_ string, k privacy.State) bool { _, known := before.Keys[k.ID]; return known })
	if before.Version > 0 && len(states) == 0 {
		return before.erasure(holds, now), nil
	}
	if over := covering(inForce(holds, now), r.Subjects); len(over) > 0 {
		return Erasure{}, underHold(over)
	}
	after := s.next(r, before, states, now)
	if err := s.Acts.Record(ctx, eraseAct(r, after)); err != nil {
		return Erasure{}, err
	}
	items, err := s.eraseItems(r.MerchantID, version, before, after, states)
	if err != nil {
		return Erasure{}, err
	}
	return after.erasure(nil, now), s.write(ctx, items)
}

// next returns the erasure with the keys that it ends now.
func (s *Store) next(r Request, before row, states map[string]privacy.State, now time.Time) row {
	effective := now
	if len(states) > 0 {
		processed := r.Processed
		if processed.IsZero() {
			processed = now // a key without a document: the index does not have it yet
		}
		effective = wholeSecond(r.Law.Effective(now, processed), now)
	}
	key := erasureKey(r.MerchantID, r.ID())
	after := row{
		PK: dynamo.Text(key["pk"]), SK: dynamo.Text(key["sk"]), Law: r.Law, Subjects: r.Subjects, Keys: map[string]string{},
		Kept: r.Kept, Actor: r.Actor, AskedAt: now.UnixMilli(), Effective: effective.UnixMilli(), Version: before.Version + 1,
	}
	maps.Copy(after.Keys, before.Keys)
	for subject, k := range states {
		after.Keys[k.ID] = subject
	}
	return after
}

// wholeSecond rounds a later time up to the second in which keys end.
func wholeSecond(t, now time.Time) time.Time {
	if !t.After(now) {
		return now
	}
	return t.Add(time.Second - time.Nanosecond).Truncate(time.Second)
}

// eraseItems returns the transaction of an erasure.
func (s *Store) eraseItems(
	merchant string, version int64, before, after row, states map[string]privacy.State,
) ([]types.TransactWriteItem, error) {
	guard, err := s.checkGuard(merchant, version)
	if err != nil {
		return nil, err
	}
	condition := dynamo.Absent()
	if before.Version > 0 {
		condition = expression.Name("version").Equal(expression.Value(before.Version))
	}
	put, err := s.put(after, condition)
	if err != nil {
		return nil, err
	}
	items, effective := []types.TransactWriteItem{guard, put}, time.UnixMilli(after.Effective)
	ended := map[string]string{}
	for subject, k := range states {
		if !k.Ends.IsZero() && !k.Ends.After(effective) {
			continue // another erasure ends it before
		}
		end, err := s.Keys.EndKey(merchant, subject, k.ID, effective)
		if err != nil {
			return nil, err
		}
		items, ended[k.ID] = append(items, end...), subject
	}
	if len(ended) == 0 || after.Effective <= after.AskedAt {
		return items, nil
	}
	p := newPending(merchant, after, ended)
	later, err := s.putAlways(p)
	if err != nil {
		return nil, err
	}
	listed, err := s.putAlways(p.listed())
	return append(items, later, listed), err
}

// states reads the keys in force of a buyer, by subject.
func (s *Store) states(ctx context.Context, r Request) (map[string]privacy.State, error) {
	states := map[string]privacy.State{}
	for _, subject := range r.Subjects {
		k, err := s.Keys.State(ctx, r.MerchantID, subject)
		if err != nil {
			return nil, err
		}
		if k.ID != "" {
			states[subject] = k
		}
	}
	return states, nil
}

// eraseAct returns the act of an erasure. An attempt after a crash or a lost reply has the same id,
// because it ends the same keys.
func eraseAct(r Request, after row) events.Act {
	parts := append([]string{events.BuyerErased, after.SK}, slices.Sorted(maps.Keys(after.Keys))...)
	return events.Act{
		ID: events.ActID(parts...), Action: events.BuyerErased, MerchantID: r.MerchantID, Subject: after.SK, Actor: r.Actor,
		Reason: string(r.Law), At: time.UnixMilli(after.AskedAt),
	}
}
