package erasure

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/problem"
)

// PutHold puts a hold in force, or replaces the one of its id. No erasure that it covers takes effect
// after it returned, also none that is due later. It may be repeated. Errors: *problem.Error
// too_many_holds; temporarily_unavailable, after which the hold may be in force.
func (s *Store) PutHold(ctx context.Context, merchant string, h Hold) (Hold, error) {
	var kept Hold
	err := decide(ctx, func() (err error) {
		kept, err = s.tryHold(ctx, merchant, h)
		return err
	})
	if err != nil {
		return Hold{}, err
	}
	return kept, s.settle(ctx, merchant)
}

func (s *Store) tryHold(ctx context.Context, merchant string, h Hold) (Hold, error) {
	version, err := s.guard(ctx, merchant)
	if err != nil {
		return Hold{}, err
	}
	rows, err := list[holdRow](ctx, s, merchant, holdPrefix)
	if err != nil {
		return Hold{}, err
	}
	rows = inForce(rows, s.Now())
	at := slices.IndexFunc(rows, func(r holdRow) bool { return r.id() == h.ID })
	if at >= 0 && rows[at].says(h) {
		return rows[at].hold(), nil
	}
	if at < 0 && len(rows) >= MaxHolds {
		return Hold{}, tooManyHolds()
	}
	h.CreatedAt = s.Now().Truncate(time.Millisecond)
	act := holdAct(events.HoldPut, merchant, h.ID, version)
	act.Actor, act.Reason, act.At = h.CreatedBy, h.Reason, h.CreatedAt
	if err := s.Acts.Record(ctx, act); err != nil {
		return Hold{}, err
	}
	r := holdRow{
		PK: holdsPK(merchant), SK: holdPrefix + h.ID, Reason: h.Reason, Subjects: h.Subjects, Until: h.Until,
		CreatedAt: h.CreatedAt.UnixMilli(), CreatedBy: h.CreatedBy,
	}
	if ends := r.ends(); !ends.IsZero() {
		r.TTL = ends.Add(keptAfter).Unix()
	}
	return h, s.writeHold(ctx, merchant, version, r)
}

// LiftHold lifts a hold. The erasures that it postponed are due again, at once if their time has
// come. It may be repeated. Error: *problem.Error hold_not_found.
func (s *Store) LiftHold(ctx context.Context, merchant, id, actor string) error {
	if err := decide(ctx, func() error { return s.tryLift(ctx, merchant, id, actor) }); err != nil {
		return err
	}
	return s.settle(ctx, merchant)
}

func (s *Store) tryLift(ctx context.Context, merchant, id, actor string) error {
	version, err := s.guard(ctx, merchant)
	if err != nil {
		return err
	}
	rows, err := list[holdRow](ctx, s, merchant, holdPrefix)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(rows, func(r holdRow) bool { return r.id() == id })
	if at < 0 {
		return holdNotFound()
	}
	r, now := rows[at], s.Now()
	if r.LiftedAt != 0 {
		return nil
	}
	act := holdAct(events.HoldLifted, merchant, id, version)
	act.Actor, act.Reason, act.At = actor, r.Reason, now
	if err := s.Acts.Record(ctx, act); err != nil {
		return err
	}
	r.LiftedAt, r.TTL = now.UnixMilli(), now.Add(keptAfter).Unix()
	return s.writeHold(ctx, merchant, version, r)
}

func (s *Store) writeHold(ctx context.Context, merchant string, version int64, r holdRow) error {
	hold, err := s.putAlways(r)
	if err != nil {
		return err
	}
	guard, err := s.raiseGuard(merchant, version)
	if err != nil {
		return err
	}
	return s.write(ctx, []types.TransactWriteItem{guard, hold})
}

// holdAct returns the act of the hold that raises a version. An attempt after a crash or a lost
// reply has the same id, unless something else came between them.
func holdAct(action, merchant, id string, version int64) events.Act {
	return events.Act{
		ID: events.ActID(action, merchant, id, strconv.FormatInt(version, 10)), Action: action, MerchantID: merchant,
		Subject: id,
	}
}

func tooManyHolds() error {
	return &problem.Error{
		Kind: problem.Conflict, Code: "too_many_holds",
		Message: "the merchant has " + strconv.Itoa(MaxHolds) + " holds in force; lift one, or widen one",
	}
}

func holdNotFound() error {
	return &problem.Error{
		Kind: problem.NotFound, Code: "hold_not_found", Message: "this merchant has no hold with this id",
	}
}
