package client_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
)

func TestCreateSendsTheKeyOnce(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if requests.Add(1) > 1 { // breaks a connection that was used before: net/http would send again
			panic(http.ErrAbortHandler)
		}
		if err != nil || r.Header.Get("Idempotency-Key") != "k" || r.URL.Path != "/invoices" || string(body) != "{}" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(server.Close)
	c := client.New(server.URL+"/", 1, time.Second)
	r, err := c.Create(t.Context(), "k", []byte("{}"))
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, r.Status)
	r, err = c.Create(t.Context(), "k", []byte("{}"))
	require.Error(t, err)
	require.True(t, r.ShouldRetry())
	require.EqualValues(t, 2, requests.Load(), "one request for each call")
}

func TestGetAndPutExpect200(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/none" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, `{"state":"BEGUN"}`)
	}))
	t.Cleanup(server.Close)
	c := client.New(server.URL, 1, time.Second)
	var got struct{ State string }
	require.NoError(t, c.Get(t.Context(), "/sagas/s", &got))
	require.Equal(t, "BEGUN", got.State)
	require.NoError(t, c.Put(t.Context(), "/merchants/m", got))
	require.ErrorContains(t, c.Get(t.Context(), "/none", &got), "404")
	require.ErrorContains(t, c.Put(t.Context(), "/none", got), "404")
}

func TestWhatIsRetried(t *testing.T) {
	t.Parallel()
	advised := http.Header{"Retry-After": {"1"}}
	for name, tc := range map[string]struct {
		reply client.Reply
		retry bool
	}{
		"no answer":        {client.Reply{}, true},
		"server fault":     {client.Reply{Status: 500}, true},
		"shed":             {client.Reply{Status: 429, Header: advised}, true},
		"in progress":      {client.Reply{Status: 409, Header: advised}, true},
		"created":          {client.Reply{Status: 201}, false},
		"busy":             {client.Reply{Status: 503, Header: advised}, true},
		"number taken":     {client.Reply{Status: 409}, false},
		"out of stock":     {client.Reply{Status: 409, Body: []byte(`{"retryable":true}`)}, false},
		"accepted":         {client.Reply{Status: 202, Header: advised}, false},
		"refused for good": {client.Reply{Status: 422}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.retry, tc.reply.ShouldRetry())
		})
	}
}

func TestBackoffIsWhatIsAdvisedAndUpToAHalfMore(t *testing.T) {
	t.Parallel()
	advised := func(wait string) client.Reply {
		return client.Reply{Status: 503, Header: http.Header{"Retry-After": {wait}}}
	}
	for name, tc := range map[string]struct {
		reply   client.Reply
		attempt int
		want    time.Duration
	}{
		"advised":          {advised("30"), 1, 30 * time.Second},
		"first":            {client.Reply{}, 1, 500 * time.Millisecond},
		"second":           {client.Reply{}, 2, time.Second},
		"hundredth":        {client.Reply{}, 100, 8 * time.Second},
		"before the first": {client.Reply{}, -1, 500 * time.Millisecond},
		"negative advice":  {advised("-5"), 1, 500 * time.Millisecond},
		"absurd advice":    {advised("9223372036854775807"), 1, 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 100 {
				require.GreaterOrEqual(t, tc.reply.Backoff(tc.attempt), tc.want)
				require.Less(t, tc.reply.Backoff(tc.attempt), tc.want*3/2)
			}
		})
	}
}

func TestKeysAreUUIDs(t *testing.T) {
	t.Parallel()
	require.Regexp(
		t,
		regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`),
		client.NewKey(),
	)
	require.NotEqual(t, client.NewKey(), client.NewKey())
}

func ExampleClient_Issue() {
	busy := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if busy {
			busy = false
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"invoice_number":"TEST-001"}`)
	}))
	defer server.Close()
	c, key := client.New(server.URL, 1, time.Second), client.NewKey() // store the key with the order first
	r, err := c.Issue(context.Background(), key, []byte(`{"invoice_number":"TEST-001"}`), 8)
	fmt.Println(r.Status, r.Field("invoice_number"), err)
	// Output: 201 TEST-001 <nil>
}
