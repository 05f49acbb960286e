package history_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
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
		require.Contains(t, h.Summary(), "cancel 202 replayed")
		requireAnswers(t, h)
	}
}

// requireAnswers fails if the outcome of a request with a key is still unknown.
func requireAnswers(t *testing.T, h history.History) {
	t.Helper()
	answered := map[string]bool{}
	for _, op := range h.Ops {
		if op.Key != "" {
			name := op.Key + " " + op.Payload
			answered[name] = answered[name] || op.Outcome.Status != 0
		}
	}
	require.NotContains(t, slices.Collect(maps.Values(answered)), false)
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

		"cancels twice":   "status ",
		"cancels unasked": "no client has cancelled it",
		"forgets a cancellation that it has shown": "status ",
		"repeats a cancellation in other words":    "cancellation ",
		"replays what the invoice is now":          "key ",
		"issues a number again":                    "number verify-",
		"keeps what was cancelled":                 "stock ",
		"returns stock twice":                      "stock ",
		"voids no number":                          "its cancellation was accepted",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			// A fault strikes at random. Now and then no later operation shows it, as of the last number.
			var found []string
			for seed := uint64(1); seed <= 3 && !strings.Contains(join(found), shown); seed++ {
				for _, v := range run(t, fault, seed).Check(2 * time.Second).Violations {
					found = append(found, v.What)
				}
			}
			require.Contains(t, join(found), shown)
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
	shown := func(at int64, onHand, reserved, sold int) history.Op {
		return history.Op{
			Kind: history.Stock, Merchant: "m", SKU: "A", Call: at, Return: at + 1,
			Outcome: history.Outcome{Status: 200, OnHand: onHand, Reserved: reserved, Sold: sold},
		}
	}
	cancelled := history.Op{
		Client: 2, Kind: history.Cancel, Merchant: "m", SKU: "A", Key: "c", Payload: "duplicate", Target: "i",
		Call: 20, Return: 22, Quantity: 2, Outcome: history.Outcome{Status: 202, SagaID: "t"},
	}
	perhaps := cancelled
	perhaps.Outcome = history.Outcome{Error: "timeout"}
	repeated := cancelled
	repeated.Call, repeated.Return, repeated.Outcome.Replayed = 40, 42, true
	for name, ops := range map[string][]history.Op{
		"a request without an answer that found no stock": {stocked, timedOut},
		"a count that shows a later sale":                 {stocked, sold, overtaken},
		"stock that is coming back":                       {stocked, sold, shown(10, 1, 0, 2), cancelled, shown(30, 1, 2, 0)},
		"stock that came back without an answer":          {stocked, sold, perhaps, shown(30, 3, 0, 0)},
		"stock that came back before the answer":          {stocked, sold, perhaps, shown(30, 3, 0, 0), repeated},
		"a cancellation without an answer or an effect":   {stocked, sold, perhaps, shown(30, 1, 0, 2)},
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
	unsold := []history.Op{stocked, sold, shown(10, 1, 0, 2), shown(12, 1, 2, 0), cancelled}
	r = history.History{Ops: unsold, Unrest: "not settled"}.Check(searchLimit)
	require.Len(t, r.Violations, 2, "nothing comes back before it is cancelled")
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
