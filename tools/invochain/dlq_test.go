package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/operations"
)

func TestDeadLettersAreALineEach(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	letters := []operations.DeadLetter{
		{
			Queue: "requests", ID: "id-1", Sent: sent, Attempts: 39, Code: "retries_exhausted", Reason: "no table",
			Origin: operations.Origin{MerchantID: "m", Key: "k"}, Body: "private",
		},
		{Queue: "audit", ID: "id-2", Sent: sent, Code: "crashed", Origin: operations.Origin{SagaID: "s"}, Body: "private"},
	}
	var out strings.Builder
	printDeadLetters(&out, letters)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 4)
	require.Equal(t, []string{
		"2026-11-28T12:00:00Z", "id-1", "requests", "m", "k", "39", "retries_exhausted", "no", "table",
	}, strings.Fields(lines[1]))
	require.Equal(t, []string{"2026-11-28T12:00:00Z", "id-2", "audit", "–", "s", "–", "crashed"}, strings.Fields(lines[2]))
	require.Equal(t, "2 dead letters", lines[3])
	require.NotContains(t, out.String(), "private")
	out.Reset()
	printDeadLetters(&out, nil)
	require.Equal(t, "0 dead letters\n", out.String())
	printDeadLetters(&out, make([]operations.DeadLetter, operations.MaxListed))
	require.Contains(t, out.String(), "may have more")
}

// TestActsAreRecorded: who, what, why, when; and no body.
func TestActsAreRecorded(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	a := act{Act: "drop", Operator: "asha", Why: `"broken"`, Queue: "requests"}
	record, err := json.Marshal(a.of(operations.DeadLetter{
		Queue: "requests", ID: "id-1", Sent: at.Add(-time.Hour), Code: "body_not_json", Body: "private",
		Origin: operations.Origin{MerchantID: "m", Key: "k"},
	}, at))
	require.NoError(t, err)
	require.JSONEq(t, `{"time":"2026-11-28T12:00:00Z","act":"drop","operator":"asha","why":"\"broken\"","queue":"requests",
		"message_id":"id-1","sent_at":"2026-11-28T11:00:00Z","merchant_id":"m","idempotency_key":"k",
		"reason_code":"body_not_json"}`, string(record))
}
