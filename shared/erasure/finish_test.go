package erasure_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/retention"
)

// eraseLater asks for an erasure that is due in 30 days, and returns it.
func (f *fixture) eraseLater(t *testing.T, subjects ...string) erasure.Erasure {
	t.Helper()
	e, err := f.Erase(t.Context(), request(retention.DPDP, after.AddDate(-1, 0, 30), subjects...))
	require.NoError(t, err)
	require.Equal(t, after.AddDate(0, 0, 30), e.EffectiveAt.UTC())
	return e
}

// pending returns the sort keys of the erasures that are due later, in the list and of the merchant.
func (f *fixture) pending(t *testing.T) (listed, ofMerchant []string) {
	t.Helper()
	scan, err := f.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &f.table, ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	for _, item := range scan.Items {
		switch pk, sk := dynamo.Text(item["pk"]), dynamo.Text(item["sk"]); {
		case pk == "PENDING":
			listed = append(listed, sk)
		case pk == "HOLDS#"+merchantID && sk[0] == 'P':
			ofMerchant = append(ofMerchant, sk)
		}
	}
	return listed, ofMerchant
}

func (f *fixture) finish(t *testing.T) int {
	t.Helper()
	n, err := f.undisturbed().Finish(t.Context())
	require.NoError(t, err)
	return n
}

func (f *fixture) overdue(t *testing.T) int {
	t.Helper()
	n, err := f.Overdue(t.Context())
	require.NoError(t, err)
	return n
}

// requireFinished requires that the keys of a buyer are destroyed, and that nothing is pending.
func (f *fixture) requireFinished(t *testing.T, subjects ...string) {
	t.Helper()
	for _, subject := range subjects {
		require.Empty(t, f.item(t, subject, "CONTACT"))
	}
	listed, ofMerchant := f.pending(t)
	require.Empty(t, listed)
	require.Empty(t, ofMerchant)
}

// TestFinish: keys are destroyed from their time on, though DynamoDB has not deleted them.
func TestFinish(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	first := f.give(t, "s1")
	f.give(t, "s2")
	e := f.eraseLater(t, "s1", "s2")
	f.setClock(e.EffectiveAt.Add(-time.Second))
	require.Zero(t, f.finish(t))
	require.NotEmpty(t, f.item(t, "s1", "CONTACT"))
	listed, ofMerchant := f.pending(t)
	require.Len(t, listed, 1)
	require.Len(t, ofMerchant, 1)

	f.setClock(e.EffectiveAt)
	require.Equal(t, 1, f.finish(t))
	f.requireFinished(t, "s1", "s2")
	require.NotEmpty(t, f.item(t, "s1", "ERASED#"+first))
	again, err := f.Get(t.Context(), merchantID, e.ID)
	require.NoError(t, err)
	require.Equal(t, e, again)
	require.Zero(t, f.finish(t))
}

// TestOverdue counts an erasure a day after its time, unless a hold covers it.
func TestOverdue(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	f.give(t, "s1")
	f.give(t, "s2")
	e := f.eraseLater(t, "s1")
	f.eraseLater(t, "s2")
	_, err := f.PutHold(t.Context(), merchantID, hold("h", "s2"))
	require.NoError(t, err)
	day := 24 * time.Hour
	for _, late := range []time.Duration{-day, 0, day} {
		f.setClock(e.EffectiveAt.Add(late))
		require.Zero(t, f.overdue(t), late)
	}
	for _, late := range []time.Duration{day + time.Millisecond, 30 * day} {
		f.setClock(e.EffectiveAt.Add(late))
		require.Equal(t, 1, f.overdue(t), late)
	}
	require.Equal(t, 1, f.finish(t))
	require.Zero(t, f.overdue(t))
	require.NotEmpty(t, f.keyOf(t, "s2"), "the hold wins")
	require.NoError(t, f.LiftHold(t.Context(), merchantID, "h", "cl_1"))
	f.finish(t)
	f.requireFinished(t, "s1", "s2")
}

// TestFinishAfterAHoldThatEnded by itself: not before its last day is over.
func TestFinishAfterAHoldThatEnded(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	f.give(t, "s1")
	e := f.eraseLater(t, "s1")
	h := hold("h", "s1")
	h.Until = "2028-06-30"
	_, err := f.PutHold(t.Context(), merchantID, h)
	require.NoError(t, err)
	f.setClock(e.EffectiveAt.AddDate(0, 0, 20))
	require.Zero(t, f.finish(t))
	require.Zero(t, f.overdue(t))
	require.NotEmpty(t, f.keyOf(t, "s1"))
	f.setClock(h.Until.EndInIndia())
	require.Equal(t, 1, f.finish(t))
	f.requireFinished(t, "s1")
}

// TestFinishRepairsHolds: a request about a hold failed after its first write, and was not repeated.
func TestFinishRepairsHolds(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	f.give(t, "s1")
	e := f.eraseLater(t, "s1")
	failSecond := func() {
		writes := 0
		f.db.Hook = func(string) (bool, error) {
			if writes++; writes > 1 {
				return false, errors.New("away")
			}
			return true, nil
		}
	}
	failSecond()
	_, err := f.PutHold(t.Context(), merchantID, hold("h", "s1"))
	require.ErrorContains(t, err, "away")
	require.Zero(t, f.finish(t))
	f.setClock(e.EffectiveAt.AddDate(0, 0, 7))
	require.Zero(t, f.finish(t))
	require.NotEmpty(t, f.keyOf(t, "s1"), "the hold wins")
	failSecond()
	require.ErrorContains(t, f.LiftHold(t.Context(), merchantID, "h", "cl_1"), "away")
	require.NotEmpty(t, f.keyOf(t, "s1"))
	require.Equal(t, 1, f.finish(t))
	f.requireFinished(t, "s1")
}

// TestFinishLeavesAnotherKey: the buyer came back after the time of the erasure, or DynamoDB was faster.
func TestFinishLeavesAnotherKey(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	f.give(t, "s1")
	f.give(t, "s2")
	e := f.eraseLater(t, "s1", "s2")
	f.setClock(e.EffectiveAt.Add(time.Hour))
	second := f.give(t, "s1")
	_, err := f.db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: &f.table, Key: dynamo.Key("SUBJECT#"+merchantID+"#s2", "CONTACT"),
	})
	require.NoError(t, err)
	require.Equal(t, 1, f.finish(t))
	require.Equal(t, second, f.keyOf(t, "s1"))
	f.requireFinished(t, "s2")
}

// TestFinishWhileABuyerComesBack: the new key appears between the read and the write.
func TestFinishWhileABuyerComesBack(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	f.give(t, "s1")
	e := f.eraseLater(t, "s1")
	f.setClock(e.EffectiveAt)
	second := ""
	f.db.Hook = func(string) (bool, error) {
		if second == "" {
			second = f.give(t, "s1")
		}
		return true, nil
	}
	_, err := f.Finish(t.Context())
	require.NoError(t, err)
	require.Equal(t, second, f.keyOf(t, "s1"))
	listed, ofMerchant := f.pending(t)
	require.Empty(t, append(listed, ofMerchant...))
}

// TestFinishWithFaults: a write is lost, or its reply is; an erasure that fails does not hold up the others.
func TestFinishWithFaults(t *testing.T) {
	t.Parallel()
	for _, landed := range []bool{true, false} {
		f := setup(t, after)
		f.give(t, "s1")
		e := f.eraseLater(t, "s1")
		f.setClock(e.EffectiveAt)
		f.db.Hook, _ = dynamotest.Nth(1, landed)
		n, err := f.Finish(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		f.requireFinished(t, "s1")
	}
	f := setup(t, after)
	f.give(t, "s1")
	f.give(t, "s2")
	f.eraseLater(t, "s1")
	e := f.eraseLater(t, "s2")
	f.setClock(e.EffectiveAt)
	writes := 0
	f.db.Hook = func(string) (bool, error) {
		if writes++; writes <= 8 { // all attempts at the first
			return false, errors.New("away")
		}
		return true, nil
	}
	n, err := f.Finish(t.Context())
	require.ErrorContains(t, err, "away")
	require.Equal(t, 1, n)
	require.Equal(t, 1, f.finish(t))
	f.requireFinished(t, "s1", "s2")
}

// TestTwoRunsOfFinish at the same time.
func TestTwoRunsOfFinish(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	f.give(t, "s1")
	e := f.eraseLater(t, "s1")
	f.setClock(e.EffectiveAt)
	other := false
	f.db.Hook = func(string) (bool, error) {
		if !other {
			other = true
			f.finish(t)
		}
		return true, nil
	}
	_, err := f.Finish(t.Context())
	require.NoError(t, err)
	f.requireFinished(t, "s1")
}
