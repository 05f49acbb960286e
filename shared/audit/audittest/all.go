// Package audittest reads audit logs for tests.
package audittest

import (
	"context"

	"github.com/invochain/invochain/shared/audit"
)

// All returns the entries of a log in order. Each has its place, or it returns an error.
func All(ctx context.Context, log *audit.Log) ([]audit.Entry, error) {
	size, err := log.Size(ctx)
	if err != nil || size == 0 {
		return nil, err
	}
	data, err := log.Range(ctx, 0, size)
	if err != nil {
		return nil, err
	}
	entries := make([]audit.Entry, len(data))
	for i, d := range data {
		if entries[i], err = audit.Decode(d); err != nil {
			return nil, err
		}
	}
	return entries, nil
}
