package merchant_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

// closing is a store with a clock that the test moves, and the profile of merchant a.
type closing struct {
	*merchant.Store
	db    database
	clock time.Time
}

// setupClosing returns a store on 1 December 2025, 00:30 in India: November has just ended there.
func setupClosing(t *testing.T) *closing {
	t.Helper()
	_, db := setup(t)
	c := &closing{db: db, clock: time.Date(2025, 11, 30, 19, 0, 0, 0, time.UTC)}
	c.Store = merchant.NewStore(db, db.Platform, func() time.Time { return c.clock })
	require.NoError(t, c.Put(t.Context(), profile("a", pune)))
	return c
}

// role is how a role writes a profile.
type role func(*merchant.Store, context.Context, merchant.Profile) error

//nolint:gochecknoglobals // constants
var admin, operator role = (*merchant.Store).Replace, (*merchant.Store).Put

// through returns the profile with its months closed through m.
func through(m gst.Month) merchant.Profile {
	p := profile("a", pune)
	p.ClosedThrough = m
	return p
}

func (c *closing) get(t *testing.T) merchant.Profile {
	t.Helper()
	p, err := c.Get(t.Context(), "a")
	require.NoError(t, err)
	return p
}

func TestMonthsAreClosedForwardOnly(t *testing.T) {
	t.Parallel()
	c := setupClosing(t)
	require.Empty(t, c.get(t).FinalAt)
	for _, tc := range []struct {
		name   string
		month  gst.Month
		by     role
		code   string
		status int
		after  gst.Month
	}{
		{"this month", "2025-12", admin, "period_not_ended", 422, ""},
		{"by an operator too", "2025-12", operator, "period_not_ended", 422, ""},
		{"a month that has ended", "2025-10", admin, "", 0, "2025-10"},
		{"a later one", "2025-11", admin, "", 0, "2025-11"},
		{"an earlier one", "2025-10", admin, "period_reopen_forbidden", 409, "2025-11"},
		{"a profile without it", "", admin, "", 0, "2025-11"},
		{"without it, by an operator", "", operator, "", 0, "2025-11"},
		{"an earlier one, by an operator", "2025-09", operator, "", 0, "2025-09"},
	} {
		c.clock = c.clock.Add(time.Second)
		before := c.get(t)
		err := tc.by(c.Store, t.Context(), through(tc.month))
		after := c.get(t)
		require.Equal(t, tc.after, after.ClosedThrough, tc.name)
		if tc.code != "" {
			var e *problem.Error
			require.ErrorAs(t, err, &e, tc.name)
			require.Equal(t, tc.code, e.Code, tc.name)
			require.Equal(t, tc.status, e.Status, tc.name)
		} else {
			require.NoError(t, err, tc.name)
		}
		if after.ClosedThrough == before.ClosedThrough {
			require.Equal(t, before.ClosedAt, after.ClosedAt, tc.name)
			continue
		}
		require.Equal(t, c.clock.Format("2006-01-02T15:04:05.000Z"), after.ClosedAt, tc.name)
		require.Equal(t, c.clock.Add(12*time.Minute).Format("2006-01-02T15:04:05.000Z"), after.FinalAt, tc.name)
	}
}

// TestAChangeThatWasReadBeforeACloseDoesNotReopen: another admin closes a later month between its
// read and its write.
func TestAChangeThatWasReadBeforeACloseDoesNotReopen(t *testing.T) {
	t.Parallel()
	c := setupClosing(t)
	other := merchant.NewStore(c.db.Client, c.db.Platform, func() time.Time { return c.clock })
	var once sync.Once
	c.db.Hook = func(operation string) (bool, error) {
		if operation == "TransactWriteItems" {
			once.Do(func() { require.NoError(t, other.Replace(t.Context(), through("2025-11"))) })
		}
		return true, nil
	}
	err := c.Replace(t.Context(), through("2025-10"))
	require.ErrorIs(t, err, &problem.Error{Code: "period_reopen_forbidden"})
	require.Equal(t, gst.Month("2025-11"), c.get(t).ClosedThrough)
}

// TestACloseWhoseWriteIsLostOrItsReply is closed once.
func TestACloseWhoseWriteIsLostOrItsReply(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"write": false, "reply": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := setupClosing(t)
			var reached func() bool
			c.db.Hook, reached = dynamotest.Nth(1, applied)
			require.NoError(t, c.Replace(t.Context(), through("2025-11")))
			require.True(t, reached())
			require.Equal(t, gst.Month("2025-11"), c.get(t).ClosedThrough)
		})
	}
}

func TestWhatIsReadOfAClosedProfileCanBePut(t *testing.T) {
	t.Parallel()
	const body = `{"name":"X","gstin":"27AABCU9603R1ZN","closed_through":"2025-11",` +
		`"closed_at":"2025-12-01T00:00:00.000Z","final_at":"2025-12-01T00:12:00.000Z"}`
	p, err := merchant.ParseProfile("a", []byte(body))
	require.NoError(t, err)
	require.Equal(t, gst.Month("2025-11"), p.ClosedThrough)
	require.Empty(t, p.ClosedAt+p.FinalAt, "the store sets them")
	_, err = merchant.ParseProfile("a", []byte(`{"name":"X","gstin":"27AABCU9603R1ZN","closed_through":"2025-13"}`))
	requireFieldError(t, err, "closed_through", "month_malformed")
}
