//go:build integration

package integration_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/robustness/linearizability/history"
)

// TestHistory is tests/robustness/linearizability in small: what ten clients were told at once, some of
// whom do not wait for their answers, is explained by one order of events.
func TestHistory(t *testing.T) {
	s := open(t)
	h, err := history.Run(t.Context(), history.Config{
		URL: s.URL, Clients: 10, Ops: 300, Rate: 40, Seed: rand.Uint64N(1_000_000), Timeout: 30 * time.Second, Tight: 0.06, Settle: 2 * time.Minute,
	})
	require.NoError(t, err)
	t.Logf("seed %d\n%s", h.Seed, h.Summary())
	r := h.Check(20 * time.Second)
	for _, v := range r.Violations {
		t.Errorf("%s\ngo run ./tests/robustness/linearizability -ops 300 -seed %d URL", v, h.Seed)
	}
	require.LessOrEqual(t, len(r.Undecided), 1, "a search that is too long on this machine, now and then")
}
