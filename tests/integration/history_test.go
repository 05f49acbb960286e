//go:build integration

package integration_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/robustness/linearizability/history"
)

// TestHistory is a short run of tests/robustness/linearizability: one order of events
// explains the answers to ten concurrent clients, some of which do not wait for theirs. It
// runs alone, since the search needs the processor.
func TestHistory(t *testing.T) {
	f := setup(t)
	h, err := history.Run(t.Context(), history.Config{
		NewMerchant: f.NewMerchant, Clients: 10, Ops: 300, Rate: 40, Seed: rand.Uint64N(1_000_000),
		Timeout: 30 * time.Second, Tight: 0.06, Settle: 2 * time.Minute,
	})
	require.NoError(t, err)
	t.Logf("seed %d\n%s", h.Seed, h.Summary())
	r := h.Check(20 * time.Second)
	for _, v := range r.Violations {
		t.Errorf("%s\ngo run ./tests/robustness/linearizability -ops 300 -seed %d", v, h.Seed)
	}
	require.LessOrEqual(t, len(r.Undecided), 1, "a search may exceed its limit on a slow machine")
}
