package breaker

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Attributes of the item, as Snapshot decodes them.
const (
	attrState        = "state"
	attrGeneration   = "generation"
	attrOpenUntil    = "open_until"
	attrProbeUntil   = "probe_until"
	attrProbeOwner   = "probe_owner" // token of the running probe
	attrWindow       = "window"
	attrCalls        = "calls"
	attrFailures     = "failures"
	attrLastCalls    = "last_calls"
	attrLastFailures = "last_failures"
	attrForced       = "forced"
	attrChangedAt    = "changed_at"
	attrChangedBy    = "changed_by"
	attrReason       = "reason"
)

// update changes the item under a condition. It returns and caches the item as the write
// left it, or as it was when the condition failed.
func (b *Breaker) update(
	ctx context.Context, change expression.UpdateBuilder, condition expression.ConditionBuilder,
) (Snapshot, error) {
	call := b.nextCall()
	item, err := dynamo.Update(ctx, b.db, b.cfg.Table, key(b.cfg.Name), change, condition, types.ReturnValueAllNew)
	switch {
	case dynamo.ConditionFailed(err):
		return b.apply(call, decode(dynamo.ConflictingItem(err))), err
	case err != nil:
		return Snapshot{}, err
	}
	return b.apply(call, decode(item)), nil
}

// transition returns the change that begins the generation after gen, in state to. until is
// the time of the first probe, in Unix milliseconds; 0 for a closed breaker.
func (b *Breaker) transition(gen int64, to string, until int64, by, why string) expression.UpdateBuilder {
	return set(map[string]any{
		attrState: to, attrGeneration: gen + 1, attrOpenUntil: until,
		attrChangedAt: b.ms(), attrChangedBy: by, attrReason: why,
	})
}

// reset adds to a transition that the counts are zero and that no probe is running.
func reset(change expression.UpdateBuilder) expression.UpdateBuilder {
	for _, count := range []string{attrCalls, attrFailures, attrLastCalls, attrLastFailures} {
		change = change.Set(expression.Name(count), expression.Value(0))
	}
	return change.Remove(expression.Name(attrProbeUntil)).Remove(expression.Name(attrProbeOwner))
}

// closedIn is the condition that the breaker is closed in a generation.
func closedIn(gen int64) expression.ConditionBuilder {
	return equal(attrGeneration, gen).And(equal(attrState, Closed))
}

func equal(attr string, value any) expression.ConditionBuilder {
	return expression.Name(attr).Equal(expression.Value(value))
}

func missing(attr string) expression.ConditionBuilder {
	return expression.AttributeNotExists(expression.Name(attr))
}

func set(values map[string]any) expression.UpdateBuilder {
	var change expression.UpdateBuilder
	for attr, value := range values {
		change = change.Set(expression.Name(attr), expression.Value(value))
	}
	return change
}
