package operations

import (
	"context"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/limit"
)

// By is who does an administrative act, and why. An operator must be named; a reason has at most 200
// characters, and no personal data.
type By struct{ Operator, Why string }

// maxText is the length of By's fields in characters.
const maxText = 200

var (
	errOperatorRequired = errors.New("an operator name is required")
	errTooLong          = errors.New("OPERATOR= and WHY= have at most " + strconv.Itoa(maxText) + " characters")
)

// record records an act before it takes effect.
func (s *System) record(ctx context.Context, by By, act events.Act) error {
	if by.Operator == "" {
		return errOperatorRequired
	}
	if max(utf8.RuneCountInString(by.Operator), utf8.RuneCountInString(by.Why)) > maxText {
		return errTooLong
	}
	act.Actor, act.Reason = by.Operator, by.Why
	return s.Acts.Record(ctx, act)
}

// ForceBreaker holds the inventory's breaker open or closed.
func (s *System) ForceBreaker(ctx context.Context, to string, by By) (breaker.Snapshot, error) {
	err := s.record(ctx, by, events.Act{Action: events.BreakerForced, Subject: "inventory " + to})
	if err != nil {
		return breaker.Snapshot{}, err
	}
	return s.Breaker.Force(ctx, to, by.Operator, by.Why)
}

// ResetBreaker ends a forced state of the inventory's breaker.
func (s *System) ResetBreaker(ctx context.Context, by By) (breaker.Snapshot, error) {
	err := s.record(ctx, by, events.Act{Action: events.BreakerReset, Subject: "inventory"})
	if err != nil {
		return breaker.Snapshot{}, err
	}
	return s.Breaker.Reset(ctx, by.Operator, by.Why)
}

// SetLimit gives a merchant that exists a rate of its own.
func (s *System) SetLimit(ctx context.Context, merchantID string, r limit.Rate, by By) error {
	act := events.Act{Action: events.LimitSet, MerchantID: merchantID, Subject: r.String()}
	return s.changeLimit(ctx, by, act, func(key string) (limit.State, error) {
		return s.Limits.SetRate(ctx, key, r, by.Operator, by.Why)
	})
}

// ResetLimit gives a merchant that exists the plan's rate again.
func (s *System) ResetLimit(ctx context.Context, merchantID string, by By) error {
	act := events.Act{Action: events.LimitReset, MerchantID: merchantID}
	return s.changeLimit(ctx, by, act, func(key string) (limit.State, error) {
		return s.Limits.ClearRate(ctx, key, by.Operator, by.Why)
	})
}

func (s *System) changeLimit(
	ctx context.Context, by By, act events.Act, change func(key string) (limit.State, error),
) error {
	if _, err := s.Merchants.Get(ctx, act.MerchantID); err != nil {
		return err
	}
	if err := s.record(ctx, by, act); err != nil {
		return err
	}
	_, err := change(limit.PerMerchant().Key(act.MerchantID))
	return err
}

// CreateClient creates a client and returns its secret. Errors: those of caller.Client.Check.
func (s *System) CreateClient(ctx context.Context, c caller.Client, m caller.Mode, by By) (secret string, err error) {
	if err := c.Check(); err != nil {
		return "", err
	}
	if err := s.record(ctx, by, caller.Created(c, by.Why)); err != nil {
		return "", err
	}
	_, secret, err = s.Callers.CreateClient(ctx, c, m)
	return secret, err
}

// RollSecret gives a client another secret. Errors: those of caller.Store.RollSecret.
func (s *System) RollSecret(
	ctx context.Context, id string, m caller.Mode, overlap time.Duration, by By,
) (secret string, err error) {
	c, err := s.Callers.Client(ctx, id)
	if err == nil {
		err = c.MayRoll(s.Now(), overlap)
	}
	if err == nil {
		err = s.record(ctx, by, caller.Rolled(c, by.Why))
	}
	if err != nil {
		return "", err
	}
	return s.Callers.RollSecret(ctx, id, m, overlap)
}

// RevokeClient revokes a client for good. It may be repeated. Error: caller.ErrNoClient.
func (s *System) RevokeClient(ctx context.Context, id string, by By) error {
	c, err := s.Callers.Client(ctx, id)
	if err == nil {
		err = s.record(ctx, by, caller.Revoked(c, by.Why))
	}
	if err != nil {
		return err
	}
	return s.Callers.RevokeClient(ctx, id)
}
