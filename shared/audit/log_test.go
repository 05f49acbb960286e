package audit_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

func TestEachSagaHasOneEntry(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.Append(t.Context(), "m", entries(0, 3)))
	require.NoError(t, f.Append(t.Context(), "m", entries(1, 5)), "two of them exist already")
	require.NoError(t, f.Append(t.Context(), "m", entries(0, 5)), "all of them exist already")
	require.Len(t, f.chain(t), 5)
}

func TestOnAppendIsCalledOncePerEntry(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.Append(t.Context(), "m", entries(0, 3)))
	require.NoError(t, f.Append(t.Context(), "m", entries(1, 5)))
	require.Equal(t, map[string]int{"saga-000": 1, "saga-001": 1, "saga-002": 1, "saga-003": 1, "saga-004": 1}, f.appended)
}

func TestLargeBatchesAreSplit(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.Append(t.Context(), "m", entries(0, 120)))
	require.Len(t, f.chain(t), 120)
}

func TestManyWritersMakeOneChain(t *testing.T) {
	t.Parallel()
	f := setup(t)
	writer := audit.New(f.db, audit.Config{Table: f.table})
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for w := range 8 {
		wg.Go(func() { errs[w] = writer.Append(t.Context(), "m", entries(w*5, w*5+10)) }) // each overlaps the next
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Len(t, f.chain(t), 45)
}

func TestLostWriteAndLostReply(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"the write is lost": false, "the reply is lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			require.NoError(t, f.Append(t.Context(), "m", entries(0, 1)))
			f.db.Hook, _ = dynamotest.Nth(1, applied)
			require.NoError(t, f.Append(t.Context(), "m", entries(1, 4)))
			require.Len(t, f.chain(t), 4)
		})
	}
}

func TestChainContinuesAfterItsHeadWasDeleted(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.Append(t.Context(), "m", entries(0, 3)))
	_, err := f.db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: &f.table, Key: dynamo.Key("AUDIT#m", "HEAD"),
	})
	require.NoError(t, err)
	require.NoError(t, f.Append(t.Context(), "m", entries(2, 5)))
	require.Len(t, f.chain(t), 5)
}

func TestListStartsAfterAnEntry(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.Append(t.Context(), "m", entries(0, 5)))
	all := f.chain(t)
	page, err := f.List(t.Context(), "m", 2, 2)
	require.NoError(t, err)
	require.Equal(t, all[2:4], page)
	require.NoError(t, audit.Verify(page, 2, all[1].Hash))
}

func TestVerifyDetectsTampering(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.Append(t.Context(), "m", entries(0, 4)))
	chain := f.chain(t)
	for name, tamper := range map[string]func([]audit.Entry) []audit.Entry{
		"changed": func(e []audit.Entry) []audit.Entry { e[1].Total++; return e },
		"removed": func(e []audit.Entry) []audit.Entry { return append(e[:1], e[2:]...) },
		"swapped": func(e []audit.Entry) []audit.Entry { e[1], e[2] = e[2], e[1]; return e },
		"rehashed": func(e []audit.Entry) []audit.Entry {
			e[1].Total++
			e[1].Hash = e[2].PrevHash
			return e
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Error(t, audit.Verify(tamper(slices.Clone(chain)), 0, ""))
		})
	}
}

// TestEntriesOfOlderVersionsVerify: one that names no actor, as an earlier version wrote it.
func TestEntriesOfOlderVersionsVerify(t *testing.T) {
	t.Parallel()
	old := audit.Entry{
		Seq: 1, MerchantID: "m-1", SagaID: "akq3hejinpqmnmioiff2ohelmr-xnfsry2o6w", Action: "invoice.created",
		InvoiceID: "767cc54c-80e2-81a9-825d-351df197a266", InvoiceNumber: "A-1", DocumentType: "INV", Total: 88500,
		Fingerprint: "prCYOuoVjp80mD5wH8es-L2--1tyJUjMa3zeteSPoMw", CommittedAt: 1795488653250,
		Hash: "b61ec227af0f1cde064f11b7e62a3f6ac83c5c0f41c9c3e6740441ab161ca7e2",
	}
	require.NoError(t, audit.Verify([]audit.Entry{old}, 0, ""))
	old.Actor = "cl_1"
	require.ErrorContains(t, audit.Verify([]audit.Entry{old}, 0, ""), "was changed", "the hash covers the actor")
}

func ExampleVerify() {
	entries := []audit.Entry{{Seq: 2, SagaID: "b", PrevHash: "of the first"}}
	fmt.Println(audit.Verify(entries, 0, ""))
	// Output: audit entry 2 does not follow entry 0
}
