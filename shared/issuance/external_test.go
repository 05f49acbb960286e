package issuance_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
)

// of returns a request for three of the SKU with an external id.
func of(t *testing.T, number, externalID string) gst.Request {
	t.Helper()
	req := request(t, number, "SKU", 1)
	req.ExternalID = externalID
	return req
}

// TestExternalIDsAreUnique where the merchant asks for it, at once too. A cancelled document frees
// its own.
func TestExternalIDsAreUnique(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, err := f.issue(t.Context(), key(1), of(t, "A-1", "order-1"))
	require.NoError(t, err)
	_, err = f.issue(t.Context(), key(2), of(t, "A-2", "order-1"))
	require.NoError(t, err, "the merchant does not ask for it")

	f.services.inForce.UniqueExternalIDs = true
	results := make([]error, 4)
	var wg sync.WaitGroup
	for n := range results {
		wg.Go(func() { _, results[n] = f.issue(t.Context(), key(10+n), of(t, "", "order-2")) })
	}
	wg.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else {
			require.Equal(t, "external_id_taken", codeOf(err))
			require.Equal(t, saga.Compensated, f.state(t, sagaOf(err)))
		}
	}
	require.Equal(t, 1, won)
	require.Equal(t, [3]int{7, 3, 0}, f.stockLevel(t))

	first, err := f.issue(t.Context(), key(20), of(t, "B-1", "order-3"))
	require.NoError(t, err)
	again, err := f.issue(t.Context(), key(20), of(t, "B-1", "order-3"))
	require.NoError(t, err, "its own replay")
	require.Equal(t, string(first.Body), string(again.Body))
	_, err = f.cancel(t.Context(), 21, first.InvoiceID, gst.Duplicate)
	require.NoError(t, err)
	_, err = f.issue(t.Context(), key(22), of(t, "B-2", "order-3"))
	require.NoError(t, err, "the cancelled one has freed it")
	_, err = f.issue(t.Context(), key(23), of(t, "B-3", ""))
	require.NoError(t, err)
	_, err = f.issue(t.Context(), key(24), of(t, "B-4", ""))
	require.NoError(t, err, "none is none")
}

// TestALostReplyDoesNotTakeTheExternalID: the commit landed, and is found.
func TestALostReplyDoesNotTakeTheExternalID(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.services.inForce.UniqueExternalIDs = true
	seen := 0
	f.db.Hook = func(string) (bool, error) {
		seen++
		return true, errIf(seen == 2) // the commit
	}
	_, err := f.issue(t.Context(), key(1), of(t, "A-1", "order-1"))
	f.db.Hook = nil
	if err != nil {
		f.advance(16 * time.Second)
		f.recoverAll(t)
		_, err = f.issue(t.Context(), key(1), of(t, "A-1", "order-1"))
	}
	require.NoError(t, err)
	require.Equal(t, 1, f.invoices(t))
}
