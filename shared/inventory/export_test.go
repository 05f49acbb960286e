package inventory

import (
	"context"

	"github.com/invochain/invochain/shared/gst/money"
)

// WithChunkSize returns a store whose chunks hold n SKUs.
func (s *Store) WithChunkSize(n int) *Store {
	smaller := *s
	smaller.chunkSize = n
	return &smaller
}

// WithShards returns a store that splits a SKU into n shards: few make short tests.
func (s *Store) WithShards(n int) *Store {
	fewer := *s
	fewer.shardCount = n
	return &fewer
}

// Split splits a SKU as a reservation of portion does that meets others, unless it is split. This store takes
// from the shards from now on.
func (s *Store) Split(ctx context.Context, merchantID, sku string, portion money.Quantity) error {
	r, err := s.read(ctx, merchantID, sku)
	all := s.shares(r.main.OnHand, portion)
	if err != nil || r.split() || all == nil {
		return err
	}
	s.hot.set(owned{merchantID, sku}, true)
	return s.split(ctx, r, all)
}

// Merge merges a SKU as a reservation does that finds too little in each shard.
func (s *Store) Merge(ctx context.Context, merchantID, sku string) error {
	r, err := s.read(ctx, merchantID, sku)
	if err != nil || !r.split() {
		return err
	}
	return s.merge(ctx, r)
}
