package idempotency

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/resilience"
)

// Bounds of the time between two reads of a record that another owner works on.
const (
	minPoll = 20 * time.Millisecond
	maxPoll = 250 * time.Millisecond
)

// WaitLimits bounds how long a duplicate waits, by what it waits for.
type WaitLimits struct {
	InProgress   time.Duration // for another owner, whose run ends within its lease
	Compensating time.Duration // for a compensation, which may be stuck for hours
}

// ClaimOrWait claims the key. While another owner works on it, it waits for that owner's
// answer or for the end of its lease. It polls with reads, which cost less than failed writes.
// The status is InProgress or Compensating if its limit expired first.
func (s *Store) ClaimOrWait(
	ctx context.Context, key Key, fingerprint string, attrs Attributes, limits WaitLimits,
) (Result, error) {
	start := s.now()
	for waited := false; ; waited = true {
		res, err := s.Claim(ctx, key, fingerprint, attrs)
		res.Waited = waited
		if err != nil {
			return res, err
		}
		var until time.Time
		switch res.Status {
		case InProgress:
			until = start.Add(limits.InProgress)
		case Compensating:
			until = start.Add(limits.Compensating)
		default:
			return res, nil
		}
		if changed, err := s.waitForChange(ctx, key.Hash(), res, until); err != nil || !changed {
			return res, err
		}
	}
}

// waitForChange polls the record until a claim would have another result than res, and reports
// whether that happened before until.
func (s *Store) waitForChange(ctx context.Context, keyHash string, res Result, until time.Time) (bool, error) {
	for interval := minPoll; s.now().Before(until); interval = min(interval*2, maxPoll) {
		pause := min(jitter(interval), until.Sub(s.now()))
		if res.Status == InProgress {
			pause = min(pause, s.leaseLeft(res.Record)+time.Millisecond)
		}
		if err := resilience.Sleep(ctx, pause); err != nil {
			return false, err
		}
		item, err := s.get(ctx, keyHash)
		if err != nil {
			return false, err
		}
		if s.changed(item, res.Record) {
			return true, nil
		}
	}
	return false, nil
}

func (s *Store) changed(item dynamo.Item, old Record) bool {
	if len(item) == 0 {
		return true
	}
	r, err := decode(item)
	return err != nil || r.KeyState != old.KeyState || (r.KeyState == Open && r.leaseExpired(s.now()))
}

// leaseLeft returns the remaining time of a record's lease, at least 0.
func (s *Store) leaseLeft(r Record) time.Duration {
	return max(0, time.UnixMilli(r.LeaseUntil).Sub(s.now()))
}

func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) } //nolint:gosec // jitter is no secret
