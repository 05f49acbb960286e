package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
)

// sagasAPI answers GET /sagas with answer, by the query.
func sagasAPI(t *testing.T, answer func(query string) (status int, body string)) *client.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := answer(r.URL.RawQuery)
		if r.URL.Path != "/sagas" {
			status = http.StatusNotFound
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return client.New(server.URL, 1, time.Second)
}

func TestSagasOfAMerchant(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"limit=100&merchant_id=m&state=STUCK": `{"sagas":[{"id":"s-1","state":"STUCK","reason":"temporarily_unavailable",` +
			`"begun_at":"2026-11-28T12:00:00.000Z","redrives":2,"new_field":{}}],"next_cursor":"c","more":1}`,
		"cursor=c&limit=100&merchant_id=m&state=STUCK": `{"sagas":[],"next_cursor":"d"}`,
		"cursor=d&limit=100&merchant_id=m&state=STUCK": `{"sagas":[{"id":"s-2","state":"STUCK"}]}`,
	}
	api := sagasAPI(t, func(query string) (int, string) { return http.StatusOK, pages[query] })
	var out strings.Builder
	require.NoError(t, listSagas(t.Context(), &out, api, "m", "STUCK"))
	lines := strings.Split(out.String(), "\n")
	require.Equal(t, []string{
		"2026-11-28T12:00:00.000Z", "s-1", "STUCK", "temporarily_unavailable", "ended", "–", "redrives", "2",
	}, strings.Fields(lines[0]))
	require.Contains(t, lines[1], "s-2")
	require.Contains(t, lines[2], "2 sagas")
}

func TestSagasWithoutAState(t *testing.T) {
	t.Parallel()
	api := sagasAPI(t, func(query string) (int, string) { return http.StatusOK, `{"sagas":[],"q":"` + query + `"}` })
	var out strings.Builder
	require.NoError(t, listSagas(t.Context(), &out, api, "m", ""))
	require.Contains(t, out.String(), "0 sagas")
}

func TestARefusedListIsExplained(t *testing.T) {
	t.Parallel()
	api := sagasAPI(t, func(string) (int, string) {
		return http.StatusBadRequest, `{"code":"invalid_query","detail":"state: must be one of STUCK"}`
	})
	err := listSagas(t.Context(), io.Discard, api, "m", "x")
	require.EqualError(t, err, "GET /sagas: 400 invalid_query: state: must be one of STUCK")
	api = sagasAPI(t, func(string) (int, string) { return http.StatusOK, `<html>` })
	require.ErrorContains(t, listSagas(t.Context(), io.Discard, api, "m", ""), "GET /sagas: ")
}

// TestALongListEnds: a cursor that never ends does not either.
func TestALongListEnds(t *testing.T) {
	t.Parallel()
	api := sagasAPI(t, func(string) (int, string) {
		return http.StatusOK, `{"sagas":[{"id":"s"}],"next_cursor":"c"}`
	})
	var out strings.Builder
	require.NoError(t, listSagas(t.Context(), &out, api, "m", ""))
	require.Contains(t, out.String(), "the first 100 sagas; there are more")
}
