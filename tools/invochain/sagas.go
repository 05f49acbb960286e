package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/operations"
)

// parseSagas parses `sagas`.
func parseSagas(args []string) (command, error) {
	f := flags("sagas")
	merchantID, state := f.String("merchant", "", ""), f.String("state", "", "")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	*state = strings.ToUpper(*state)
	if *merchantID == "" {
		if *state != "" && *state != string(saga.Stuck) {
			return nil, need("make sagas MERCHANT=merchant-123 STATE="+*state+"; without it, stuck sagas of all merchants are "+
				"listed", argument{"MERCHANT", ""})
		}
		return listStuck, nil
	}
	for _, name := range []string{"API_URL", deployment.OperatorClientID, deployment.OperatorClientSecret} {
		if os.Getenv(name) == "" {
			return nil, fmt.Errorf("%s is not set; .local/stack.env has it", name)
		}
	}
	api := client.New(os.Getenv("API_URL"), 1, 30*time.Second).
		WithCredentials(os.Getenv(deployment.OperatorClientID), os.Getenv(deployment.OperatorClientSecret))
	return func(ctx context.Context, _ *operations.System) error {
		return listSagas(ctx, os.Stdout, api, *merchantID, *state)
	}, nil
}

func listStuck(ctx context.Context, s *operations.System) error {
	found, err := s.StuckSagas(ctx)
	for _, r := range found {
		fmt.Printf("%s  merchant %s  since %s  owes %s  redrives %d\n", r.SagaID, r.MerchantID,
			stamp(r.BegunAt), strings.Join(r.Pending, ", "), r.Redrive)
	}
	if err == nil || len(found) > 0 {
		fmt.Printf("%d stuck\n", len(found))
	}
	return err
}

// sagaPage is a page of GET /sagas. Fields that it does not list are ignored.
type sagaPage struct {
	Sagas []struct {
		ID       string `json:"id"`
		State    string `json:"state"`
		Reason   string `json:"reason"`
		BegunAt  string `json:"begun_at"`
		EndedAt  string `json:"ended_at"` // empty if it has not ended
		Redrives int    `json:"redrives"`
	} `json:"sagas"`
	NextCursor string `json:"next_cursor"`
}

// maxPages bounds how many pages are read. With a state, a page may hold few sagas or none.
const maxPages = 100

// listSagas prints the sagas of a merchant that GET /sagas returns, of one state or of each.
func listSagas(ctx context.Context, to io.Writer, api *client.Client, merchantID, state string) error {
	query := url.Values{"merchant_id": {merchantID}, "limit": {"100"}}
	if state != "" {
		query.Set("state", state)
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	defer func() { _ = w.Flush() }()
	n := 0
	for range maxPages {
		page, err := getSagas(ctx, api, query)
		if err != nil {
			return err
		}
		for _, s := range page.Sagas {
			n++
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\tended %s\tredrives %d\n",
				s.BegunAt, s.ID, s.State, dash(s.Reason), dash(s.EndedAt), s.Redrives)
		}
		if page.NextCursor == "" {
			_, _ = fmt.Fprintf(w, "%d sagas; make find SAGA=… shows one\n", n)
			return nil
		}
		query.Set("cursor", page.NextCursor)
	}
	_, _ = fmt.Fprintf(w, "the first %d sagas; there are more\n", n)
	return nil
}

func getSagas(ctx context.Context, api *client.Client, query url.Values) (sagaPage, error) {
	var page sagaPage
	r, err := api.Call(ctx, http.MethodGet, "/sagas?"+query.Encode(), nil)
	if err != nil {
		return page, err
	}
	if r.Status != http.StatusOK {
		return page, fmt.Errorf("GET /sagas: %d %s: %s", r.Status, r.Field("code"), r.Field("detail"))
	}
	if err := json.Unmarshal(r.Body, &page); err != nil {
		return page, fmt.Errorf("GET /sagas: %w", err)
	}
	return page, nil
}
