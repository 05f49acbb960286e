package stack

import (
	"context"
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/inventory"
)

// Reply of the API.
type Reply = client.Reply

// NewKey is a new idempotency key.
func NewKey() string { return client.NewKey() }

// Stock reads what there is of a SKU.
func (s *Stack) Stock(ctx context.Context, merchantID, sku string) (inventory.Level, error) {
	var level inventory.Level
	err := s.Get(ctx, "/inventory/"+sku+"?merchant_id="+merchantID, &level)
	return level, err
}

// State of a saga.
func (s *Stack) State(ctx context.Context, sagaID string) (string, error) {
	var t struct {
		State string `json:"state"`
	}
	err := s.Get(ctx, "/sagas/"+sagaID, &t)
	return t.State, err
}

// Await asks until it is told yes, or until limit.
func Await(ctx context.Context, limit time.Duration, ask func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		yes, err := ask()
		if yes {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not within %s (last error: %w)", limit, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Every does something at each period's end, until ctx ends; late ones are left out.
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
