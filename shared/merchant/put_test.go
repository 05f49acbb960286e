package merchant_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

const (
	pune      = gst.GSTIN("27AABCU9603R1ZN")
	bengaluru = gst.GSTIN("29AABCU9603R1ZJ")
)

// database is a table with faults that a test injects.
type database struct {
	*dynamotest.Faults
	dynamotest.Names
}

func setup(t *testing.T) (*merchant.Store, database) {
	t.Helper()
	client := dynamotest.Client(t)
	db := database{&dynamotest.Faults{Client: client}, dynamotest.Tables(t, client)}
	now := func() time.Time { return time.Unix(0, 0) }
	return merchant.NewStore(db, db.Platform, now), db
}

func profile(id string, gstin gst.GSTIN) merchant.Profile {
	return merchant.Profile{ID: id, Name: "x", GSTIN: gstin, Compliance: gst.Strict}
}

func TestAGSTINBelongsToOneMerchant(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	require.NoError(t, s.Put(t.Context(), profile("a", pune)))
	require.NoError(t, s.Put(t.Context(), profile("a", pune)), "it may be put again")
	require.ErrorIs(t, s.Put(t.Context(), profile("b", pune)), &problem.Error{Code: "gstin_taken"})
	_, err := s.Get(t.Context(), "b")
	require.ErrorIs(t, err, &problem.Error{Code: "merchant_not_found"})
	require.NoError(t, s.Put(t.Context(), profile("a", bengaluru)), "corrected")
	require.NoError(t, s.Put(t.Context(), profile("b", pune)), "free again")
	require.ErrorIs(t, s.Put(t.Context(), profile("a", pune)), &problem.Error{Code: "gstin_taken"})
}

func TestOfTwoClaimsAtOnceOneWins(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	const merchants = 8
	errs := make([]error, merchants)
	var wg sync.WaitGroup
	for i := range merchants {
		wg.Go(func() { errs[i] = s.Put(t.Context(), profile(fmt.Sprintf("m-%d", i), pune)) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, &problem.Error{Code: "gstin_taken"})
	}
	require.Equal(t, 1, won)
}

// TestPutWhenAWriteIsLostOrItsReply puts a corrected profile while its write is lost, or only the
// reply.
func TestPutWhenAWriteIsLostOrItsReply(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"write": false, "reply": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, db := setup(t)
			require.NoError(t, s.Put(t.Context(), profile("a", pune)))
			hook, reached := dynamotest.Nth(1, applied)
			db.Hook = hook
			require.NoError(t, s.Put(t.Context(), profile("a", bengaluru)))
			require.True(t, reached())
			got, err := s.Get(t.Context(), "a")
			require.NoError(t, err)
			require.Equal(t, bengaluru, got.GSTIN)
			require.NoError(t, s.Put(t.Context(), profile("b", pune)), "the former GSTIN is free")
		})
	}
}

func TestPutReportsAFault(t *testing.T) {
	t.Parallel()
	s, db := setup(t)
	reset := errors.New("connection reset")
	db.Hook = func(string) (bool, error) { return false, reset }
	require.ErrorIs(t, s.Put(t.Context(), profile("a", pune)), reset)
}

// TestMigrate runs on profiles as an earlier version wrote them: two with one GSTIN.
func TestMigrate(t *testing.T) {
	t.Parallel()
	s, db := setup(t)
	for id, gstin := range map[string]gst.GSTIN{"a": pune, "b": bengaluru, "c": bengaluru} {
		_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &db.Platform, Item: dynamo.Item{
			"pk": dynamo.S("MERCHANT#" + id), "sk": dynamo.S("PROFILE"), "merchant_id": dynamo.S(id),
			"name": dynamo.S("x"), "gstin": dynamo.S(string(gstin)), "compliance": dynamo.S(gst.Strict),
		}})
		require.NoError(t, err)
	}
	issued := func(_ context.Context, id string) (bool, error) { return id == "a", nil }
	for range 2 {
		conflicts, err := s.Migrate(t.Context(), db.Client, issued)
		require.NoError(t, err)
		require.Len(t, conflicts, 1)
		require.Equal(t, bengaluru, conflicts[0].GSTIN)
	}
	require.ErrorIs(t, s.Put(t.Context(), profile("d", pune)), &problem.Error{Code: "gstin_taken"})
	require.ErrorIs(t, s.Put(t.Context(), profile("a", "07AABCU9603R1ZP")), &problem.Error{Code: "gstin_in_use"})
}

// TestReplaceCreatesNothing: the token of a merchant that was deleted does not bring it back.
func TestReplaceCreatesNothing(t *testing.T) {
	t.Parallel()
	s, _ := setup(t)
	require.Equal(t, problem.NotFound, problem.KindOf(s.Replace(t.Context(), profile("a", pune))))
	_, err := s.Get(t.Context(), "a")
	require.Equal(t, problem.NotFound, problem.KindOf(err))
	require.NoError(t, s.Put(t.Context(), profile("a", pune)))
	require.NoError(t, s.Replace(t.Context(), profile("a", bengaluru)))
	got, err := s.Get(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, bengaluru, got.GSTIN)
}
