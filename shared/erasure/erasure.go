package erasure

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/retention"
)

// Kept is what an erasure leaves, until when, and why.
type Kept struct {
	Fields        []string `dynamodbav:"fields"`
	FinancialYear string   `dynamodbav:"financial_year,omitempty"`
	Until         string   `dynamodbav:"until"` // the last day
	Basis         []string `dynamodbav:"basis"`
}

// Contact is the field that is erased.
const Contact = "contact"

// Erasure is an erasure as it was answered.
type Erasure struct {
	ID          string
	Law         retention.Law
	AskedAt     time.Time
	EffectiveAt time.Time // zero while a hold without an end postpones it
	Erased      []string
	Kept        []Kept
	HeldBy      []string // the holds that postpone it
}

// row is an erasure in the table. Times are Unix milliseconds.
type row struct {
	PK        string            `dynamodbav:"pk"`
	SK        string            `dynamodbav:"sk"`
	Law       retention.Law     `dynamodbav:"law"`
	Subjects  []string          `dynamodbav:"subjects"`
	Keys      map[string]string `dynamodbav:"keys"` // that it ended: the buyer's subject by the id of the key
	Kept      []Kept            `dynamodbav:"kept"`
	Actor     string            `dynamodbav:"actor"`
	AskedAt   int64             `dynamodbav:"asked_at"`
	Effective int64             `dynamodbav:"effective_at"` // 0 while a hold without an end postpones it
	Version   int64             `dynamodbav:"version"`
}

func (r row) erasure(holds []holdRow, now time.Time) Erasure {
	e := Erasure{
		ID: r.SK, Law: r.Law, AskedAt: time.UnixMilli(r.AskedAt), EffectiveAt: timeOf(r.Effective), Erased: []string{},
		Kept: r.Kept,
	}
	if len(r.Keys) > 0 {
		e.Erased = append(e.Erased, Contact)
	}
	if e.EffectiveAt.After(e.AskedAt) {
		e.Kept = append(slices.Clone(r.Kept), Kept{
			Fields: []string{Contact}, Until: string(gst.DayInIndia(e.EffectiveAt)),
			Basis: []string{retention.MinimumYearCitation},
		})
	}
	if r.isPending(now) {
		for _, h := range covering(inForce(holds, now), r.Subjects) {
			e.HeldBy = append(e.HeldBy, h.id())
		}
	}
	return e
}

// isPending reports whether the erasure is not effective yet.
func (r row) isPending(now time.Time) bool { return r.Effective == 0 || r.Effective > now.UnixMilli() }

func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// idLength is the length of an erasure's id in bytes. Another id would be no key of the table if it is
// very long.
const idLength = len("er_") + 32

// load reads an erasure; the zero value if there is none.
func (s *Store) load(ctx context.Context, merchant, id string) (row, error) {
	if len(id) != idLength {
		return row{}, nil
	}
	item, err := s.read(ctx, erasureKey(merchant, id))
	if err != nil {
		return row{}, err
	}
	var r row
	if err := attributevalue.UnmarshalMap(item, &r); err != nil {
		return row{}, fmt.Errorf("decode an erasure: %w", err)
	}
	return r, nil
}

// Get reads an erasure of a merchant. One that is due later it makes agree with the holds, in case a
// request about a hold failed half-way and was not repeated. Error: *problem.Error erasure_not_found.
func (s *Store) Get(ctx context.Context, merchant, id string) (Erasure, error) {
	r, err := s.load(ctx, merchant, id)
	if err == nil && r.Version > 0 && r.isPending(s.Now()) {
		if err = s.settle(ctx, merchant); err == nil {
			r, err = s.load(ctx, merchant, id)
		}
	}
	if err != nil {
		return Erasure{}, err
	}
	if r.Version == 0 {
		return Erasure{}, &problem.Error{
			Kind: problem.NotFound, Code: "erasure_not_found", Message: "this merchant has no erasure with this id",
		}
	}
	holds, err := list[holdRow](ctx, s, merchant, holdPrefix)
	return r.erasure(holds, s.Now()), err
}
