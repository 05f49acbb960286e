package history

import (
	"context"
	"slices"
	"time"
)

// retryUnknown sends requests with an unknown outcome again with their keys, until the
// answer is definite.
func (r *runner) retryUnknown(ctx context.Context) {
	deadline := time.Now().Add(r.Settle)
	for _, op := range unknownOps(r.ops) {
		for time.Now().Before(deadline) && ctx.Err() == nil {
			op.Patience = 0
			op = r.do(ctx, op)
			r.record(op)
			if v := op.verdict(); v != unknown && v != busy {
				break
			}
			pause(ctx, pollInterval)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// unknownOps returns the requests, one per key and payload, with an unknown or temporary
// outcome and without success.
func unknownOps(ops []Op) []Op {
	open, closed := map[string]Op{}, map[string]bool{}
	name := func(op Op) string { return op.Key + " " + op.Payload }
	for _, op := range ops {
		if !op.keyed() {
			continue
		}
		switch op.verdict() {
		case unknown, busy:
			open[name(op)] = op
		case fresh, replayed:
			closed[name(op)] = true
		default:
		}
	}
	var left []Op
	for n, op := range open {
		if !closed[n] {
			left = append(left, op)
		}
	}
	slices.SortFunc(left, func(a, b Op) int { return int(a.Call - b.Call) })
	return left
}
