package history_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/robustness/linearizability/history"
)

const searchLimit = 20 * time.Second

func run(t *testing.T, fault string, seed uint64) history.History {
	t.Helper()
	server := httptest.NewServer(newFake(fault))
	t.Cleanup(server.Close)
	h, err := history.Run(t.Context(), history.Config{
		NewMerchant: func(context.Context, string, string, string) (*client.Client, error) {
			return &client.Client{URL: server.URL}, nil
		},
		Clients: 10, Ops: 600, Rate: 1000, Seed: seed,
		Timeout: 10 * time.Second, Tight: 0.1, Settle: 2 * time.Second,
	})
	require.NoError(t, err)
	return h
}

// TestCorrectHistoriesAreAccepted: lost requests and delays cause no false violation.
func TestCorrectHistoriesAreAccepted(t *testing.T) {
	for seed := range uint64(2) {
		h := run(t, "", seed)
		t.Log(h.Summary())
		r := h.Check(searchLimit)
		require.Empty(t, r.Violations)
		require.Empty(t, r.Undecided)
		require.Contains(t, h.Summary(), "create without an answer", "some outcomes are unknown")
	}
}

// TestEachFaultIsFound: each fault of the fake breaks one promise.
func TestEachFaultIsFound(t *testing.T) {
	t.Parallel()
	for fault, shown := range map[string]string{
		"forgets a key":              "key ",
		"replays something else":     "key ",
		"replays unmarked":           "key ",
		"takes another payload":      "key ",
		"loses an invoice":           "key ",
		"compares numbers with case": "number ",
		"skips a number":             "series ",
		"gives a number twice":       "series ",
		"allocates out of order":     "series ",
		"oversells":                  "stock ",
		"refuses what there is":      "stock ",
		"loses an update":            "stock ",
		"loses a sale":               "stock ",
		"keeps what it refused":      "did not settle: stock is still reserved",
		"forgets a saga":             "has not ended",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			h := run(t, fault, 1)
			r := h.Check(2 * time.Second)
			var found []string
			for _, v := range r.Violations {
				found = append(found, v.What)
			}
			require.Contains(t, join(found), shown, h.Summary())
		})
	}
}

// TestRareHistoriesAreAccepted: these histories are correct, and too rare for a run.
func TestRareHistoriesAreAccepted(t *testing.T) {
	t.Parallel()
	stocked := history.Op{
		Kind: history.Count, Merchant: "m", SKU: "A", Call: 1, Return: 2, Quantity: 3,
		Outcome: history.Outcome{Status: 200, OnHand: 3},
	}
	sold := history.Op{
		Client: 1, Kind: history.Create, Merchant: "m", SKU: "A", Key: "k", Payload: "p", Number: "N",
		Call: 3, Return: 6, Quantity: 2,
		Outcome: history.Outcome{Status: 201, Invoice: "i", Number: "N", SagaID: "s"},
	}
	timedOut := sold
	timedOut.Quantity, timedOut.Outcome = 5, history.Outcome{Error: "timeout"}
	overtaken := stocked
	overtaken.Call, overtaken.Return, overtaken.Outcome = 4, 7, history.Outcome{Status: 200, OnHand: 1, Reserved: 2}
	for name, ops := range map[string][]history.Op{
		"a request without an answer that found no stock": {stocked, timedOut},
		"a count that shows a later sale":                 {stocked, sold, overtaken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := history.History{Ops: ops, Unrest: "not settled"}.Check(searchLimit)
			require.Len(t, r.Violations, 1, "only that it did not settle: %v", r.Violations)
		})
	}
	late := overtaken
	late.Call, late.Return = 8, 9
	r := history.History{Ops: []history.Op{stocked, sold, late}, Unrest: "not settled"}.Check(searchLimit)
	require.Len(t, r.Violations, 2, "a count after the sale cannot show it")
}

func join(lines []string) string {
	b, _ := json.Marshal(lines)
	return string(b)
}

// TestWrittenHistoryIsCheckedAgain: a history survives JSON, and a violation is drawn.
func TestWrittenHistoryIsCheckedAgain(t *testing.T) {
	raw, err := json.Marshal(run(t, "oversells", 1))
	require.NoError(t, err)
	var again history.History
	require.NoError(t, json.Unmarshal(raw, &again))
	r := again.Check(searchLimit)
	require.NotEmpty(t, r.Violations)
	require.NotEmpty(t, r.Violations[0].String())
	picture := filepath.Join(t.TempDir(), "picture.html")
	drawn, err := r.Violations[0].Draw(picture)
	require.NoError(t, err)
	require.True(t, drawn)
	page, err := os.ReadFile(picture)
	require.NoError(t, err)
	require.Contains(t, string(page), "<html")
}
