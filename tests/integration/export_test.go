//go:build integration

package integration_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/stack"
)

// exportStatus is an export on the wire.
type exportStatus struct {
	Status   string
	Exported int
	Files    []struct{ URL string }
}

// TestExportOfABuyer: the files at the signed addresses have the buyer's invoices, with the contact.
func TestExportOfABuyer(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	for _, number := range []string{"A-1", "A-2"} {
		body := strings.Replace(numbered(m, number), `"items"`, `"buyer_email":"asha@example.in","items"`, 1)
		r := f.create(t, client.NewKey(), body)
		require.Equal(t, http.StatusCreated, r.Status, "%s", r.Body)
	}
	admin := f.as(t, m)
	r := admin.call(t, http.MethodPost, "/subjects/exports", []byte(`{"subject":{"email":"asha@example.in"}}`),
		"Content-Type", "application/json")
	require.Equal(t, http.StatusAccepted, r.Status, "%s", r.Body)
	path := r.Field("status_url")
	require.Equal(t, path, r.Header.Get("Location"))
	var e exportStatus
	require.NoError(t, stack.Await(t.Context(), time.Minute, func() (bool, error) {
		r := admin.call(t, http.MethodGet, path, nil)
		require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
		return e.Status == "done", json.Unmarshal(r.Body, &e)
	}))
	require.Equal(t, 2, e.Exported)
	require.Len(t, e.Files, 1)
	get, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.Files[0].URL, nil)
	require.NoError(t, err)
	file, err := http.DefaultClient.Do(get)
	require.NoError(t, err)
	defer func() { _ = file.Body.Close() }()
	require.Equal(t, http.StatusOK, file.StatusCode)
	unzip, err := gzip.NewReader(file.Body)
	require.NoError(t, err)
	lines := 0
	for s := bufio.NewScanner(unzip); s.Scan(); lines++ {
		require.Contains(t, s.Text(), `"buyer_email":"asha@example.in"`)
		require.Contains(t, s.Text(), `"keep_until":"`)
	}
	require.Equal(t, 2, lines)
}
