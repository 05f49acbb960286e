package caller

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"time"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/problem"
)

// Acts records administrative acts in the audit log, by its queue, and then in the function's log.
type Acts struct {
	Queue interface {
		Send(ctx context.Context, group string, m any) error
	}
	Now func() time.Time
	Log *slog.Logger
}

// Record records an act before it takes effect. Of an act without them, the id is random, the actor
// is the caller, and the time is now. Error: *problem.Error temporarily_unavailable, after which the
// act must not take effect.
func (a Acts) Record(ctx context.Context, act events.Act) error {
	act.ID = cmp.Or(act.ID, strings.ToLower(rand.Text()))
	act.Actor = cmp.Or(act.Actor, From(ctx).Client)
	if act.At.IsZero() {
		act.At = a.Now()
	}
	if err := a.Queue.Send(ctx, act.MerchantID, events.AuditRequest{Act: &act}); err != nil {
		return &problem.Error{
			Kind: problem.Unavailable, Code: "temporarily_unavailable", Retryable: true, RetryAfter: time.Second,
			Message: "the act could not be recorded in the audit log, so it was not done; try again", Cause: err,
		}
	}
	a.Log.InfoContext(ctx, "administrative act", slog.String("act", act.Action), slog.String("object", act.Subject),
		slog.String("actor", act.Actor), slog.String("why", act.Reason))
	return nil
}

// Created returns the act that creates a client.
func Created(c Client, reason string) events.Act { return actOn(c, events.ClientCreated, reason) }

// Rolled returns the act that gives a client another secret.
func Rolled(c Client, reason string) events.Act { return actOn(c, events.ClientRolled, reason) }

// Revoked returns the act that revokes a client for good: a repetition is the same act.
func Revoked(c Client, reason string) events.Act {
	act := actOn(c, events.ClientRevoked, reason)
	act.ID = events.ActID(act.Action, c.ID)
	return act
}

func actOn(c Client, action, reason string) events.Act {
	return events.Act{Action: action, MerchantID: c.Merchant, Subject: c.ID, Reason: reason}
}
