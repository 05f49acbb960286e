package erasure_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/retention"
)

func TestErasingDestroysTheKeys(t *testing.T) {
	t.Parallel()
	f := setup(t, before)
	first, second := f.give(t, "s1"), f.give(t, "s2")
	other := f.give(t, "s3")
	e, err := f.Erase(t.Context(), request(retention.DPDP, before.AddDate(0, -1, 0), "s1", "s2"))
	require.NoError(t, err)
	require.Equal(t, []string{"contact"}, e.Erased)
	require.Equal(t, before, e.EffectiveAt.UTC())
	require.Len(t, e.Kept, 1)
	for subject, key := range map[string]string{"s1": first, "s2": second} {
		require.Empty(t, f.item(t, subject, "CONTACT"))
		require.Equal(t, strconv.FormatInt(before.Unix(), 10), dynamo.Number(f.item(t, subject, "ERASED#"+key)["erased_at"]))
	}
	require.Equal(t, other, f.keyOf(t, "s3"))
	require.Equal(t, []string{"buyer.erased"}, f.actions())
	require.Equal(t, "cl_1", f.acts[0].Actor)
	require.Equal(t, e.ID, f.acts[0].Subject)
}

// TestASubjectThatNeverWas gets an answer of the same shape.
func TestASubjectThatNeverWas(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	r := request(retention.DPDP, time.Time{}, "unknown")
	r.Kept = nil
	e, err := f.Erase(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, []string{}, e.Erased)
	require.Equal(t, after, e.EffectiveAt.UTC(), "nothing waits for its year")
	require.Equal(t, []string{"buyer.erased"}, f.actions())
}

// TestAskingTwice: the second answer is the first, also when it is asked for later and the buyer
// has no key any more.
func TestAskingTwice(t *testing.T) {
	t.Parallel()
	f := setup(t, before)
	f.give(t, "s1")
	first, err := f.Erase(t.Context(), request(retention.GDPR, before, "s1", "s2"))
	require.NoError(t, err)
	f.setClock(before.Add(time.Hour))
	second, err := f.Erase(t.Context(), request(retention.GDPR, before, "s2", "s1"))
	require.NoError(t, err)
	require.Equal(t, first, second)
	got, err := f.Get(t.Context(), merchantID, first.ID)
	require.NoError(t, err)
	require.Equal(t, first, got)
	require.Len(t, f.actions(), 1)
	_, err = f.Get(t.Context(), "merchant-2", first.ID)
	require.ErrorIs(t, err, isProblem("erasure_not_found"))
	other, err := f.Erase(t.Context(), request(retention.DPDP, before, "s1", "s2"))
	require.NoError(t, err)
	require.NotEqual(t, first.ID, other.ID, "another law is another erasure")
}

// TestABuyerWhoCameBack has a new key, which the same request ends too.
func TestABuyerWhoCameBack(t *testing.T) {
	t.Parallel()
	f := setup(t, before)
	f.give(t, "s1")
	first, err := f.Erase(t.Context(), request(retention.GDPR, before, "s1"))
	require.NoError(t, err)
	f.give(t, "s1")
	f.setClock(before.Add(time.Hour))
	second, err := f.Erase(t.Context(), request(retention.GDPR, before, "s1"))
	require.NoError(t, err)
	require.Equal(t, first.ID, second.ID)
	require.Equal(t, before.Add(time.Hour), second.EffectiveAt.UTC())
	require.Empty(t, f.keyOf(t, "s1"))
	require.Len(t, f.actions(), 2)
}

func TestTwoErasuresAtOnce(t *testing.T) {
	t.Parallel()
	for range 5 {
		f := setup(t, before)
		key := f.give(t, "s1")
		answers, errs := make([]erasure.Erasure, 6), make([]error, 6)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				answers[i], errs[i] = f.undisturbed().Erase(t.Context(), request(retention.GDPR, before, "s1"))
			})
		}
		wg.Wait()
		for i, e := range answers {
			require.NoError(t, errs[i])
			require.Equal(t, answers[0], e)
		}
		require.Empty(t, f.keyOf(t, "s1"))
		require.NotEmpty(t, f.item(t, "s1", "ERASED#"+key))
		require.Len(t, f.actions(), 1)
	}
}

// TestManyErasuresOfAMerchant: all of them meet at the version of its holds, where DynamoDB on AWS
// refuses what meets a transaction.
func TestManyErasuresOfAMerchant(t *testing.T) {
	t.Parallel()
	client, writes := dynamotest.ConflictingClient(t, 5*time.Millisecond, 5*time.Millisecond)
	f := setupOver(t, client, before)
	errs := make([]error, 12)
	for i := range errs {
		f.give(t, "s"+strconv.Itoa(i))
	}
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			if i%4 == 0 {
				_, errs[i] = f.undisturbed().PutHold(t.Context(), merchantID, hold("h"+strconv.Itoa(i), "other"))
				return
			}
			_, errs[i] = f.undisturbed().Erase(t.Context(), request(retention.GDPR, before, "s"+strconv.Itoa(i)))
		})
	}
	wg.Wait()
	for i, err := range errs {
		require.NoError(t, err, i)
		require.Equal(t, i%4 == 0, f.keyOf(t, "s"+strconv.Itoa(i)) != "")
	}
	require.NotZero(t, writes.Conflicts(), "they did not meet")
}

// TestAnErasureThatLosesAWriteOrAReply ends as one that did not.
func TestAnErasureThatLosesAWriteOrAReply(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{false, true} {
		f := setup(t, after)
		f.give(t, "s1")
		f.db.Hook, _ = dynamotest.Nth(1, applied)
		e, err := f.Erase(t.Context(), request(retention.GDPR, after, "s1"))
		require.NoError(t, err)
		require.Equal(t, []string{"contact"}, e.Erased)
		require.Empty(t, f.keyOf(t, "s1"))
		require.Len(t, f.actions(), 1)
	}
}

// TestNoEffectWithoutAnAct: while acts cannot be recorded, nothing is erased, held or lifted.
func TestNoEffectWithoutAnAct(t *testing.T) {
	t.Parallel()
	f := setup(t, before)
	key := f.give(t, "s1")
	_, err := f.PutHold(t.Context(), merchantID, hold("h", "s2"))
	require.NoError(t, err)
	f.lost = true
	_, err = f.Erase(t.Context(), request(retention.GDPR, before, "s1"))
	require.Error(t, err)
	require.Equal(t, key, f.keyOf(t, "s1"))
	_, err = f.PutHold(t.Context(), merchantID, hold("h2"))
	require.Error(t, err)
	require.Error(t, f.LiftHold(t.Context(), merchantID, "h", "cl_1"))
	holds, err := f.Holds(t.Context(), merchantID)
	require.NoError(t, err)
	require.Len(t, holds, 1)
}

// TestAnErasureThatIsDueLater: under DPDP, once its rule is in force.
func TestAnErasureThatIsDueLater(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	key := f.give(t, "s1")
	processed := after.AddDate(0, -3, 0).Add(300 * time.Millisecond)
	e, err := f.Erase(t.Context(), request(retention.DPDP, processed, "s1"))
	require.NoError(t, err)
	due := processed.AddDate(1, 0, 0).Truncate(time.Second).Add(time.Second)
	require.Equal(t, due, e.EffectiveAt.UTC(), "never too early")
	require.Equal(t, erasure.Kept{
		Fields: []string{"contact"}, Until: due.Format(time.DateOnly), Basis: []string{retention.MinimumYearCitation},
	}, e.Kept[1])
	require.Equal(t, strconv.FormatInt(due.Unix(), 10), dynamo.Number(f.item(t, "s1", "CONTACT")["ttl"]))
	require.Equal(t, strconv.FormatInt(due.Unix(), 10), dynamo.Number(f.item(t, "s1", "ERASED#"+key)["erased_at"]))
	f.setClock(due.Add(-time.Second))
	require.Equal(t, key, f.keyOf(t, "s1"))
	again, err := f.Erase(t.Context(), request(retention.DPDP, due, "s1"))
	require.NoError(t, err)
	require.Equal(t, e, again)
	f.setClock(due)
	require.Empty(t, f.keyOf(t, "s1"))
}

// TestAnEarlierErasureWins: another law ends at once what is due later.
func TestAnEarlierErasureWins(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	key := f.give(t, "s1")
	_, err := f.Erase(t.Context(), request(retention.DPDP, after, "s1"))
	require.NoError(t, err)
	_, err = f.Erase(t.Context(), request(retention.GDPR, after, "s1"))
	require.NoError(t, err)
	require.Empty(t, f.item(t, "s1", "CONTACT"))
	require.Equal(t, strconv.FormatInt(after.Unix(), 10), dynamo.Number(f.item(t, "s1", "ERASED#"+key)["erased_at"]))
	_, err = f.PutHold(t.Context(), merchantID, hold("late"))
	require.NoError(t, err)
	require.Empty(t, f.item(t, "s1", "CONTACT"), "a hold brings no key back")
	require.NotEmpty(t, f.item(t, "s1", "ERASED#"+key))
}

// TestANewKeyWithoutADocument is of now: the index has its first invoice later.
func TestANewKeyWithoutADocument(t *testing.T) {
	t.Parallel()
	f := setup(t, after)
	f.give(t, "s1")
	e, err := f.Erase(t.Context(), request(retention.DPDP, time.Time{}, "s1"))
	require.NoError(t, err)
	require.Equal(t, after.AddDate(1, 0, 0), e.EffectiveAt.UTC())
}
