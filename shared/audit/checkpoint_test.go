package audit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// TestACheckpointAdvancesOnce: of two that advance from the same one, one does. A lost write or reply
// leaves a checkpoint from which the next seal goes on.
func TestACheckpointAdvancesOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	last := func() string {
		text, err := f.Checkpoint(t.Context())
		require.NoError(t, err)
		return text
	}
	require.Empty(t, last())
	require.NoError(t, f.Advance(t.Context(), "", "a", 1))
	require.ErrorIs(t, f.Advance(t.Context(), "", "b", 1), audit.ErrMoved)
	require.NoError(t, f.Advance(t.Context(), "a", "c", 2))
	require.NoError(t, f.Advance(t.Context(), "a", "c", 2), "a repetition of the same write")
	require.ErrorIs(t, f.Advance(t.Context(), "a", "d", 2), audit.ErrMoved)
	require.Equal(t, "c", last())
	for applied, want := range map[bool]string{true: "e", false: "c"} {
		f.db.Hook, _ = dynamotest.Nth(1, applied)
		require.Error(t, f.Advance(t.Context(), last(), "e", 3))
		f.db.Hook = nil
		require.Equal(t, want, last())
		require.NoError(t, f.Advance(t.Context(), last(), "c", 3))
	}
}

func TestStatsOfALog(t *testing.T) {
	t.Parallel()
	f := setup(t)
	clock := now()
	log := audit.New(f.db, audit.Config{Table: f.table, Now: func() time.Time { return clock }})
	stats := func() audit.Stats {
		s, err := log.Stats(t.Context())
		require.NoError(t, err)
		return s
	}
	require.Equal(t, audit.Stats{}, stats())
	require.NoError(t, log.Append(t.Context(), entries(0, 3)))
	clock = clock.Add(time.Minute)
	require.NoError(t, log.Append(t.Context(), entries(3, 5)))
	clock = clock.Add(time.Minute)
	require.Equal(t, audit.Stats{Size: 5, Oldest: 2 * time.Minute}, stats())
	require.NoError(t, log.Advance(t.Context(), "", "a", 2))
	require.Equal(t, audit.Stats{Size: 5, Sealed: 2, Oldest: 2 * time.Minute}, stats())
	require.NoError(t, log.Advance(t.Context(), "a", "b", 3))
	require.Equal(t, audit.Stats{Size: 5, Sealed: 3, Oldest: time.Minute}, stats())
	require.NoError(t, log.Advance(t.Context(), "b", "c", 5))
	require.Equal(t, audit.Stats{Size: 5, Sealed: 5}, stats())
}
