package erasure

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// Hold stops the erasure of one buyer or of all, for as long as an appeal or an investigation needs.
type Hold struct {
	ID        string
	Reason    string
	Subjects  []string // of the buyer, by each of its identifiers; nil for all buyers
	Until     gst.Date // the last day; empty until it is lifted
	CreatedAt time.Time
	CreatedBy string // the client's id
}

// MaxHolds is how many holds a merchant can have in force.
const MaxHolds = 100

// keptAfter is how long a hold that has ended is kept.
const keptAfter = 366 * 24 * time.Hour

// holdRow is a hold in the table. Times are Unix milliseconds, except TTL's seconds.
type holdRow struct {
	PK        string   `dynamodbav:"pk"`
	SK        string   `dynamodbav:"sk"`
	Reason    string   `dynamodbav:"reason"`
	Subjects  []string `dynamodbav:"subjects,omitempty"`
	Until     gst.Date `dynamodbav:"until,omitempty"`
	CreatedAt int64    `dynamodbav:"created_at"`
	CreatedBy string   `dynamodbav:"created_by"`
	LiftedAt  int64    `dynamodbav:"lifted_at,omitempty"`
	TTL       int64    `dynamodbav:"ttl,omitempty"`
}

func (r holdRow) id() string { return r.SK[len(holdPrefix):] }

func (r holdRow) hold() Hold {
	return Hold{
		ID: r.id(), Reason: r.Reason, Subjects: r.Subjects, Until: r.Until,
		CreatedAt: time.UnixMilli(r.CreatedAt), CreatedBy: r.CreatedBy,
	}
}

// says reports whether the row, which is in force, says what a hold says.
func (r holdRow) says(h Hold) bool {
	return r.Reason == h.Reason && r.Until == h.Until && slices.Equal(r.Subjects, h.Subjects)
}

func (r holdRow) inForce(now time.Time) bool {
	return r.LiftedAt == 0 && (r.Until == "" || gst.DayInIndia(now) <= r.Until)
}

// ends returns when the hold ends by itself; zero if it does not.
func (r holdRow) ends() time.Time {
	return r.Until.EndInIndia()
}

func (r holdRow) covers(subjects []string) bool {
	named := func(subject string) bool { return slices.Contains(r.Subjects, subject) }
	return r.Subjects == nil || slices.ContainsFunc(subjects, named)
}

// inForce returns the holds that are in force.
func inForce(rows []holdRow, now time.Time) []holdRow {
	return slices.DeleteFunc(rows, func(r holdRow) bool { return !r.inForce(now) })
}

func covering(rows []holdRow, subjects []string) []holdRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r holdRow) bool { return !r.covers(subjects) })
}

// Holds returns the holds of a merchant that are in force, by their ids.
func (s *Store) Holds(ctx context.Context, merchant string) ([]Hold, error) {
	rows, err := list[holdRow](ctx, s, merchant, holdPrefix)
	if err != nil {
		return nil, err
	}
	holds := []Hold{}
	for _, r := range inForce(rows, s.Now()) {
		holds = append(holds, r.hold())
	}
	return holds, nil
}

func underHold(over []holdRow) error {
	ids := make([]string, 0, len(over))
	for _, h := range over {
		ids = append(ids, h.id())
	}
	return &problem.Error{
		Kind: problem.Conflict, Code: "under_hold",
		Message:    "the buyer's data must be kept: lift hold " + strings.Join(ids, ", ") + ", or wait until it ends",
		Extensions: map[string]any{"holds": ids},
	}
}
