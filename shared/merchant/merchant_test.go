package merchant_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/problem"
)

func TestStore(t *testing.T) {
	t.Parallel()
	db := dynamotest.Client(t)
	now := func() time.Time { return time.Unix(0, 0) }
	s := merchant.NewStore(db, dynamotest.Tables(t, db).Platform, now)
	_, err := s.Get(t.Context(), "m")
	require.ErrorIs(t, err, &problem.Error{Code: "merchant_not_found"})
	m := merchant.Profile{ID: "m", Name: "शर्मा", GSTIN: "27AABCU9603R1ZN", Compliance: gst.Strict}
	require.NoError(t, s.Put(t.Context(), m))
	m.Compliance, m.Address, m.EInvoiceExempt = gst.Advise, "Pune", "nbfc"
	m.Turnover = []gst.Turnover{{FinancialYear: "2425", Amount: 5_00_00_000_01}}
	require.NoError(t, s.Put(t.Context(), m), "it replaces the profile")
	got, err := s.Get(t.Context(), "m")
	require.NoError(t, err)
	require.Equal(t, m, got)
	m.Turnover, m.EInvoiceExempt = nil, ""
	require.NoError(t, s.Put(t.Context(), m), "what it leaves out is gone")
	got, err = s.Get(t.Context(), "m")
	require.NoError(t, err)
	require.Equal(t, m, got)
}

// source counts the calls of Get.
type source struct {
	calls int
	err   error
}

func (s *source) Get(_ context.Context, id string) (merchant.Profile, error) {
	s.calls++
	return merchant.Profile{ID: id}, s.err
}

func (s *source) MarkInUse(string, gst.GSTIN) (types.TransactWriteItem, error) {
	return types.TransactWriteItem{}, nil
}

func TestCache(t *testing.T) {
	t.Parallel()
	from := &source{err: errors.New("the table does not answer")}
	c := &merchant.Cache{Store: from}
	_, err := c.Get(t.Context(), "m")
	require.Error(t, err)
	from.err = nil
	for range 3 {
		_, err = c.Get(t.Context(), "m")
		require.NoError(t, err)
	}
	require.Equal(t, 2, from.calls, "an error is not cached, a profile is")
	_, err = c.Read(t.Context(), "m")
	require.NoError(t, err)
	require.Equal(t, 3, from.calls, "Read does not rely on what is remembered")
}

func ExampleCache() {
	from := &source{}
	c := &merchant.Cache{Store: from}
	for range 100 {
		_, _ = c.Get(context.Background(), "merchant-123")
	}
	fmt.Println(from.calls)
	// Output: 1
}
