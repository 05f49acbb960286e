package stack

import (
	"context"
	"time"

	"github.com/invochain/invochain/shared/inventory"
	"github.com/invochain/invochain/tools/process"
)

// Stock returns the stock level of a SKU.
func (s *Stack) Stock(ctx context.Context, merchantID, sku string) (inventory.Level, error) {
	var level inventory.Level
	c, err := s.As(ctx, merchantID)
	if err == nil {
		err = c.Get(ctx, "/inventory/"+sku+"?merchant_id="+merchantID, &level)
	}
	return level, err
}

// State returns the state of a saga, which an operator may read.
func (s *Stack) State(ctx context.Context, sagaID string) (string, error) {
	var t struct {
		State string `json:"state"`
	}
	err := s.AsOperator.Get(ctx, "/sagas/"+sagaID, &t)
	return t.State, err
}

// Await calls check every 100 ms until it returns true, and returns its last error after
// limit. An error of check does not end Await.
func Await(ctx context.Context, limit time.Duration, check func() (bool, error)) error {
	return process.Await(ctx, limit, 100*time.Millisecond, func() (bool, error) {
		done, err := check()
		return done && err == nil, err
	})
}

// Every calls do once a period until ctx ends; late calls are dropped.
func Every(ctx context.Context, period time.Duration, do func()) {
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do()
		}
	}
}
