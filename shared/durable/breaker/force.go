package breaker

import (
	"context"
	"errors"
	"fmt"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Errors of Force and Release.
var (
	ErrOperatorRequired = errors.New("the breaker is changed in somebody's name")
	errContended        = errors.New("the breaker kept changing")
)

// Force holds the breaker open or closed until Release, whatever calls do, and
// records who did it and why. Calls that are under way count for nothing. Errors:
// ErrNobody, and what DynamoDB returned.
func (b *Breaker) Force(ctx context.Context, state, by, why string) (Snapshot, error) {
	if state != Open && state != Closed {
		return Snapshot{}, fmt.Errorf("no state of a breaker: %q", state)
	}
	until := int64(0)
	if state == Open {
		until = forever
	}
	return b.set(ctx, ", forced = :yes", "", by, map[string]any{":state": state, ":until": until, ":yes": true, ":why": why})
}

// Reset gives the breaker back to its calls, closed and with nothing counted.
func (b *Breaker) Reset(ctx context.Context, by, why string) (Snapshot, error) {
	return b.set(ctx, "", ", forced", by, map[string]any{":state": Closed, ":until": 0, ":why": why})
}

// set begins a generation in the name of an operator.
func (b *Breaker) set(ctx context.Context, also, remove, by string, values map[string]any) (Snapshot, error) {
	if by == "" {
		return Snapshot{}, ErrOperatorRequired
	}
	const rounds = 5
	values[":by"], values[":now"], values[":zero"] = by, b.ms(), 0
	for range rounds {
		seen, err := b.Read(ctx)
		if err != nil {
			return Snapshot{}, err
		}
		values[":g"], values[":next"] = seen.Generation, seen.Generation+1
		s, err := b.update(ctx,
			"SET #s = :state, generation = :next, open_until = :until, changed_at = :now, changed_by = :by, reason = :why, "+
				"calls = :zero, failures = :zero, last_calls = :zero, last_failures = :zero"+also+" REMOVE probe_until, probe_owner"+remove,
			"attribute_not_exists(generation) OR generation = :g", values)
		if !dynamo.ConditionFailed(err) {
			return s, err
		}
	}
	return Snapshot{}, errContended
}
