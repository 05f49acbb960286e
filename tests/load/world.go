package main

import (
	"context"

	"github.com/invochain/invochain/tests/books"
	"github.com/invochain/invochain/tests/stack"
)

// world is what a run works on.
type world struct{ *books.World }

// burst is how many requests at once start the functions' processes.
const burst = 40

func begin(ctx context.Context, s *stack.Stack) (*world, error) {
	w, err := books.Begin(ctx, s, burst)
	return &world{w}, err
}
