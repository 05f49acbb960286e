package chain_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/audittest"
	"github.com/invochain/invochain/shared/audit/chain"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/gst"
)

// old is a chain of one entry, as an earlier version wrote it.
func old() chain.Entry {
	return chain.Entry{
		Seq: 1, MerchantID: "m-1", SagaID: "akq3hejinpqmnmioiff2ohelmr-xnfsry2o6w", Action: "invoice.created",
		InvoiceID: "767cc54c-80e2-81a9-825d-351df197a266", InvoiceNumber: "A-1", DocumentType: "INV", Total: 88500,
		Fingerprint: "prCYOuoVjp80mD5wH8es-L2--1tyJUjMa3zeteSPoMw", CommittedAt: 1795488653250,
		Hash: "b61ec227af0f1cde064f11b7e62a3f6ac83c5c0f41c9c3e6740441ab161ca7e2",
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	require.NoError(t, chain.Verify([]chain.Entry{old()}))
	for name, tamper := range map[string]func(*chain.Entry){
		"changed":  func(e *chain.Entry) { e.Total++ },
		"an actor": func(e *chain.Entry) { e.Actor = "cl_1" },
		"moved":    func(e *chain.Entry) { e.Seq = 2 },
		"linked":   func(e *chain.Entry) { e.PrevHash = "00" },
	} {
		e := old()
		tamper(&e)
		require.Error(t, chain.Verify([]chain.Entry{e}), name)
	}
}

// migration returns a table with the chain of entry.
func migration(t *testing.T, entry chain.Entry) chain.Migration {
	t.Helper()
	db := dynamotest.Client(t)
	table := dynamotest.Tables(t, db).Audit
	now := func() time.Time { return time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC) }
	item := dynamo.Key("AUDIT#m-1", "ENTRY#"+entry.SagaID)
	for name, text := range map[string]string{
		"merchant_id": entry.MerchantID, "saga_id": entry.SagaID, "action": entry.Action, "invoice_id": entry.InvoiceID,
		"invoice_number": entry.InvoiceNumber, "document_type": entry.DocumentType, "fingerprint": entry.Fingerprint,
		"prev_hash": entry.PrevHash, "hash": entry.Hash,
	} {
		item[name] = dynamo.S(text)
	}
	item["seq"], item["total"] = dynamo.N(entry.Seq), dynamo.N(int64(entry.Total))
	item["committed_at"] = dynamo.N(entry.CommittedAt)
	for _, i := range []dynamo.Item{item, {"pk": dynamo.S("AUDIT#m-1"), "sk": dynamo.S("HEAD")}} {
		_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: i})
		require.NoError(t, err)
	}
	return chain.Migration{
		DB: db, Table: table, Log: audit.New(db, audit.Config{Table: table, Now: now}), Now: now,
		DateOf: func(context.Context, string) (gst.Date, error) { return "2026-10-31", nil },
	}
}

// TestAChainIsMovedOnce: also if it is moved again, and with an entry that the log has already.
func TestAChainIsMovedOnce(t *testing.T) {
	t.Parallel()
	m := migration(t, old())
	for range 2 {
		n, err := m.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
		entries, err := audittest.All(t.Context(), m.Log)
		require.NoError(t, err)
		require.Len(t, entries, 2)
		require.Equal(t, old().SagaID, entries[0].ID)
		require.Equal(t, "1 entries, the last with hash "+old().Hash, entries[1].Subject)
		register, err := m.Log.Register(t.Context(), "m-1", "2026-10")
		require.NoError(t, err)
		require.Len(t, register, 2)
	}
}

func TestAChainThatDoesNotVerifyIsNotMoved(t *testing.T) {
	t.Parallel()
	e := old()
	e.Total++
	m := migration(t, e)
	_, err := m.Run(t.Context())
	require.ErrorContains(t, err, "m-1: entry 1 of the chain was changed")
	entries, err := audittest.All(t.Context(), m.Log)
	require.NoError(t, err)
	require.Empty(t, entries)
}
