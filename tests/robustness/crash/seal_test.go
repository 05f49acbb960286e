package crash_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/receipt"
	"github.com/invochain/invochain/tests/robustness/crash"
)

// TestCrashOfSealing makes each write of seal-audit fail in each way, and then also each of the
// following writes; the entries of the log lie around the end of a tile. The next run signs all
// that was appended, and everything that was ever signed is of one log.
//
//nolint:tparallel // the cases share one fixture
func TestCrashOfSealing(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "1")
	for _, first := range singles(seal(t, f)) {
		t.Run(first.String(), func(t *testing.T) {
			recorded := seal(t, f, first)
			after := false
			for _, write := range recorded {
				second := crash.Fault{Write: write, How: crash.ReplyLost}
				if after && selected(first.String()+second.String()) {
					t.Run(second.String(), func(t *testing.T) { seal(t, f, first, second) })
				}
				after = after || write == first.Write
			}
		})
	}
}

// seal signs a log of 250 entries, and with faults one of 260. It returns the writes of the faulty run.
func seal(t *testing.T, f *fixture, faults ...crash.Fault) []string {
	t.Helper()
	require.NoError(t, f.Empty(t.Context(), f.db))
	f.EmptyAuditBucket()
	f.Arm(nil)
	f.append(t, 0, 250)
	require.NoError(t, f.Seal())
	f.append(t, 250, 260)
	f.Arm(faults)
	_ = f.Seal()
	recorded := f.Recorded()
	f.LandStalled()
	f.Arm(nil)
	for range 2 { // a stalled checkpoint may come between
		_ = f.Seal()
	}
	spki, err := f.AuditKey()
	require.NoError(t, err)
	key, err := receipt.NewKey(crash.Origin, spki)
	require.NoError(t, err)
	whole, err := receipt.VerifyAll(key, f.AuditBucket())
	require.NoError(t, err)
	require.Equal(t, int64(260), whole.Entries)
	return recorded
}

// append adds entries to the audit log.
func (f *fixture) append(t *testing.T, from, to int) {
	t.Helper()
	var entries []audit.Entry
	for n := from; n < to; n++ {
		entries = append(entries, audit.Entry{ID: fmt.Sprintf("act-%d", n), Action: "test.done", Date: "2025-11-26"})
	}
	require.NoError(t, f.audit.Append(t.Context(), entries))
}
