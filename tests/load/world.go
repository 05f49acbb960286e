package main

import (
	"context"

	"github.com/invochain/invochain/tests/books"
	"github.com/invochain/invochain/tests/stack"
)

// world is what a run works on.
type world struct{ *books.World }

func begin(ctx context.Context, s *stack.Stack) (*world, error) {
	w, err := books.Begin(ctx, s)
	return &world{w}, err
}
