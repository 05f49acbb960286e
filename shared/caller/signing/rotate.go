package signing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/caller"
)

// Rotator sees to it that a key signs now and that the next one is published in time, and
// deletes those that have ended. It may run late, twice, or concurrently with itself: two keys
// at the same time are as good as one, and the next run makes none.
type Rotator struct {
	Keys interface {
		Known(ctx context.Context) (caller.Known, error)
		AddKey(ctx context.Context, k caller.Key) error
		RemoveKey(ctx context.Context, id string) error
	}
	KMS KMS
	Now func() time.Time
}

// Rotation is what a run did: ids of keys.
type Rotation struct {
	Created string   `json:"created,omitempty"`
	Removed []string `json:"removed,omitempty"`
}

// Rotate does one run. A key that cannot be removed does not hold up the others, and the next
// run tries it again.
func (r Rotator) Rotate(ctx context.Context) (Rotation, error) {
	known, err := r.Keys.Known(ctx)
	if err != nil {
		return Rotation{}, err
	}
	now := r.Now()
	var done Rotation
	var errs []error
	if from, needed := known.Next(now); needed {
		done.Created, err = r.create(ctx, from)
		errs = append(errs, err)
	}
	for _, key := range known.Expired(now) {
		if err := r.remove(ctx, key); err != nil {
			errs = append(errs, fmt.Errorf("remove key %s: %w", key.ID, err))
			continue
		}
		done.Removed = append(done.Removed, key.ID)
	}
	return done, errors.Join(errs...)
}

// create makes a key and publishes it. If it could not be published, the error names the KMS
// key, which then signs nothing.
func (r Rotator) create(ctx context.Context, from time.Time) (string, error) {
	kmsKey, public, err := r.KMS.create(ctx)
	if err != nil {
		return "", err
	}
	key := caller.NewKey(public.KeyID, kmsKey, public, from)
	if err := r.Keys.AddKey(ctx, key); err != nil {
		return "", fmt.Errorf("publish KMS key %s: %w", kmsKey, err)
	}
	return key.ID, nil
}

// remove removes the KMS key first: its id is lost with the record.
func (r Rotator) remove(ctx context.Context, key caller.Key) error {
	if err := r.KMS.remove(ctx, key.KMSKey); err != nil {
		return err
	}
	return r.Keys.RemoveKey(ctx, key.ID)
}
