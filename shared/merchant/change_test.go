package merchant_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

// changes records what a store reports.
type changes []merchant.Change

func (c *changes) record(_ context.Context, one merchant.Change) error {
	*c = append(*c, one)
	return nil
}

func TestOnChangeHasTheFieldsThatDiffer(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	var seen changes
	s = s.WithOnChange(seen.record)
	p := profile("a", pune)
	require.NoError(t, s.Put(t.Context(), p))
	require.NoError(t, s.Put(t.Context(), p), "it changes nothing")
	p.Email, p.Bank = "a@example.in", &merchant.Bank{Account: "1", IFSC: "HDFC0000001"}
	require.NoError(t, s.Replace(t.Context(), p))
	p.Bank = nil
	require.NoError(t, s.Replace(t.Context(), p))
	var fields [][]string
	for _, c := range seen {
		require.Equal(t, "a", c.MerchantID)
		fields = append(fields, c.Fields)
	}
	require.Equal(t, [][]string{{"compliance", "gstin", "name"}, {"bank", "email"}, {"bank"}}, fields)
	p.ClosedThrough = "2999-01"
	require.ErrorIs(t, s.Put(t.Context(), p), &problem.Error{Code: "period_not_ended"})
	require.Len(t, seen, 3, "what is refused is no change")
}

func TestOnChangeKeepsTheProfile(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	away := errors.New("away")
	hooked := s.WithOnChange(func(context.Context, merchant.Change) error { return away })
	require.ErrorIs(t, hooked.Put(t.Context(), profile("a", pune)), away)
	_, err := s.Get(t.Context(), "a")
	require.Equal(t, problem.NotFound, problem.KindOf(err))
}

// TestNoChangeIsMissed: a writer that comes between the read and the write is seen, so the change is
// reported once more, with what it then changes.
func TestNoChangeIsMissed(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	require.NoError(t, s.Put(t.Context(), profile("a", pune)))
	other := profile("a", pune)
	other.Phone = "9812345678"
	var seen changes
	hooked := s.WithOnChange(func(ctx context.Context, c merchant.Change) error {
		if len(seen) == 0 {
			require.NoError(t, s.Put(ctx, other))
		}
		return seen.record(ctx, c)
	})
	mine := profile("a", pune)
	mine.Name = "y"
	require.NoError(t, hooked.Put(t.Context(), mine))
	require.Len(t, seen, 2)
	require.Equal(t, []string{"name"}, seen[0].Fields)
	require.Equal(t, []string{"name", "phone"}, seen[1].Fields)
	require.Equal(t, seen[0].Write, seen[1].Write)
}

// TestALostReplyIsOneChange: the repetition finds the profile written.
func TestALostReplyIsOneChange(t *testing.T) {
	t.Parallel()
	s, db := setup(t)
	var seen changes
	lost := false
	db.Hook = func(call string) (bool, error) {
		if call != "TransactWriteItems" || lost {
			return true, nil
		}
		lost = true
		return true, dynamotest.ErrLost
	}
	require.NoError(t, s.WithOnChange(seen.record).Put(t.Context(), profile("a", pune)))
	require.True(t, lost)
	require.Len(t, seen, 1)
}
