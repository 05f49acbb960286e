package main

import (
	"context"

	"github.com/invochain/invochain/tests/framework/invariants"
)

// world is what a run works on.
type world struct{ *invariants.World }

// begin has 40 clients warm the stack, where times count for half a minute.
func (l *load) begin(ctx context.Context) (*world, error) {
	requests := 60
	if l.smoke {
		requests = 10
	}
	w, err := invariants.Begin(ctx, l.Stack, 40, requests)
	return &world{w}, err
}
