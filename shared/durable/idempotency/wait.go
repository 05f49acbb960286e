package idempotency

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/resilience"
)

// Waits between looks at a record that another owner works on.
const (
	firstLook = 20 * time.Millisecond
	lastLook  = 250 * time.Millisecond
)

// WaitLimits is how long a duplicate waits, by what it waits for.
type WaitLimits struct {
	InProgress   time.Duration // another owner's run, which ends within its lease
	Compensating time.Duration // an undoing, which may be stuck for hours
}

// ClaimOrWait claims the key, and while another owner works on it waits, to
// share that owner's answer or to take over what it left. It looks with reads,
// which cost less than refused writes. The verdict is Busy or Undoing when the
// patience for it ran out first.
func (s *Store) ClaimOrWait(ctx context.Context, key Key, fingerprint string, beside dynamo.Item, patience WaitLimits) (Result, error) {
	start := s.now()
	for waited := false; ; waited = true {
		f, err := s.Claim(ctx, key, fingerprint, beside)
		f.Waited = waited
		if err != nil {
			return f, err
		}
		var until time.Time
		switch f.Status {
		case InProgress:
			until = start.Add(patience.InProgress)
		case Compensating:
			until = start.Add(patience.Compensating)
		default:
			return f, nil
		}
		if moved, err := s.await(ctx, key.Hash(), f, until); err != nil || !moved {
			return f, err
		}
	}
}

// await tells, by until at the latest, whether a claim would now find something
// else than f.
func (s *Store) await(ctx context.Context, root string, f Result, until time.Time) (bool, error) {
	for wait := firstLook; s.now().Before(until); wait = min(wait*2, lastLook) {
		pause := min(jitter(wait), until.Sub(s.now()))
		if f.Status == InProgress {
			pause = min(pause, s.leaseLeft(f.Record)+time.Millisecond)
		}
		if err := resilience.Sleep(ctx, pause); err != nil {
			return false, err
		}
		item, err := s.get(ctx, root)
		if err != nil {
			return false, err
		}
		if s.changed(item, f.Record) {
			return true, nil
		}
	}
	return false, nil
}

func (s *Store) changed(item dynamo.Item, seen Record) bool {
	if len(item) == 0 {
		return true
	}
	r, err := decode(item)
	return err != nil || r.KeyState != seen.KeyState || (r.KeyState == Open && r.leaseExpired(s.now()))
}

func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) } //nolint:gosec // jitter is no secret
