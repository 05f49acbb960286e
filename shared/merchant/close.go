package merchant

import (
	"fmt"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// The times that make up Settling.
const (
	// SignatureLife is the age at which AWS refuses a signed request.
	SignatureLife = 5 * time.Minute
	// MaxAttempt bounds the time from an attempt's read of the profile to the end of its context,
	// after which none of its requests is signed and sent (package awsclient).
	MaxAttempt = time.Minute
	// clockDifference bounds by how much the clocks of instances and of AWS differ.
	clockDifference = time.Minute
)

// Settling is the time from ClosedAt until no document of a closed month can still appear. The
// profile's own write may land SignatureLife after the time that it holds. An attempt that read the
// profile just before may sign its commit until its context ends, and that commit may land
// SignatureLife later.
const Settling = SignatureLife + MaxAttempt + SignatureLife + clockDifference

// closes reports whether the profile changes the closed months of the one before.
func (p Profile) closes(before Profile) bool {
	return p.ClosedThrough != "" && p.ClosedThrough != before.ClosedThrough
}

// checkClose refuses a change of the closed months. Errors: *problem.Error period_not_ended for a
// month that has not ended in India; period_reopen_forbidden for an earlier month than before, unless
// reopens is set.
func (s *Store) checkClose(m, before Profile, reopens bool) error {
	switch {
	case !m.closes(before):
		return nil
	case m.ClosedThrough >= gst.DayInIndia(s.now()).Month():
		return closeError(problem.Invalid, http.StatusUnprocessableEntity, "period_not_ended",
			fmt.Sprintf("must be a month that has ended; %s ends before %s", m.ClosedThrough, m.ClosedThrough.Next()))
	case m.ClosedThrough < before.ClosedThrough && !reopens:
		return closeError(problem.Conflict, http.StatusConflict, "period_reopen_forbidden",
			fmt.Sprintf("must be %s or later: the books are closed through it, and only an operator reopens a month",
				before.ClosedThrough))
	}
	return nil
}

func closeError(kind problem.Kind, status int, code, message string) error {
	return &problem.Error{
		Kind: kind, Status: status, Code: code, Message: "closed_through " + message,
		Fields: []problem.FieldError{{Field: "closed_through", Code: code, Message: message}},
	}
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
