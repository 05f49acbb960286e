package main

import (
	"context"

	"github.com/invochain/invochain/tests/framework/invariants"
)

// fixture is a run's merchants and stock on the running stack.
type fixture struct{ *invariants.Fixture }

// begin sets up a fixture. 40 clients warm the stack, for about half a minute unless only
// correctness counts.
func (l *load) begin(ctx context.Context) (*fixture, error) {
	requests := 60
	if l.smoke {
		requests = 10
	}
	f, err := invariants.Setup(ctx, l.Stack, 40, requests)
	return &fixture{f}, err
}
