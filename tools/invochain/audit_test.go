package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

func TestAuditOfAMerchantAndOfThePlatform(t *testing.T) {
	t.Parallel()
	db := dynamotest.Client(t)
	log := audit.New(db, audit.Config{Table: dynamotest.Tables(t, db).Audit, Now: time.Now})
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC).UnixMilli()
	require.NoError(t, log.Append(t.Context(), []audit.Entry{
		{
			ID: "a", Action: events.InvoiceCreated, MerchantID: "m", Date: "2026-11-28", InvoiceID: "i", DocumentType: "INV",
			InvoiceNumber: "INV2627-000001", Actor: "cl_1", At: at,
		},
		{
			ID: "b", Action: events.LimitSet, MerchantID: "m", Date: "2026-11-28", Subject: "7/s", Actor: "asha",
			Reason: "a\tsale\x1b[2J", At: at,
		},
		{ID: "c", Action: events.BreakerForced, Date: "2026-11-28", Subject: "inventory OPEN", Actor: "asha", At: at},
		{ID: "d", Action: events.KeyRotated, Date: "2026-10-31", Actor: "asha", At: at},
	}))
	lines := func(merchantID, period string) [][]string {
		var out strings.Builder
		require.NoError(t, printAudit(t.Context(), &out, log, merchantID, period))
		var all [][]string
		for line := range strings.Lines(out.String()) {
			all = append(all, strings.Fields(line))
		}
		return all
	}
	require.Equal(t, [][]string{
		{"TIME", "ACTION", "SUBJECT", "ACTOR", "REASON", "PLACE"},
		{"2026-11-28T12:00:00Z", "invoice.created", "INV", "INV2627-000001", "cl_1", "–", "0"},
		{"2026-11-28T12:00:00Z", "limit.set", "7/s", "asha", "a", "sale", "[2J", "1"},
		{"2", "entries"},
	}, lines("m", "2026-11"))
	require.Equal(t, [][]string{
		{"TIME", "ACTION", "SUBJECT", "ACTOR", "REASON", "PLACE"},
		{"2026-11-28T12:00:00Z", "breaker.forced", "inventory", "OPEN", "asha", "–", "2"},
		{"1", "entries"},
	}, lines("", "2026-11"))
	require.Equal(t, [][]string{{"0", "entries"}}, lines("other", "2026-11"))
}
