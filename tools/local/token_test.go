package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// issuer returns the address of an API that answers requests for tokens.
func issuer(t *testing.T, status int, answer string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if r.URL.Path != "/v1/oauth/token" || r.PostFormValue("grant_type") != "client_credentials" || id+secret != "cl_1s" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/v1"
}

func TestFetchToken(t *testing.T) {
	t.Parallel()
	api := issuer(t, http.StatusOK, `{"access_token":"a","expires_in":900}`)
	token, err := fetchToken(t.Context(), api, credential{"cl_1", "s"})
	require.NoError(t, err)
	require.Equal(t, "a", token.text)
	require.WithinDuration(t, time.Now().Add(14*time.Minute), token.until, 10*time.Second, "a minute before its end")
	require.NotContains(t, token.until.String(), "m=", "the wall clock")
}

func TestFetchTokenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, answer := range map[string]string{
		"401 Unauthorized invalid_client no such client": `{"error":"invalid_client","error_description":"no such client"}`,
		"401 Unauthorized": `<html>`,
	} {
		_, err := fetchToken(t.Context(), issuer(t, http.StatusUnauthorized, answer), credential{"cl_1", "s"})
		require.ErrorContains(t, err, want)
	}
	_, err := fetchToken(t.Context(), issuer(t, http.StatusOK, `{}`), credential{"cl_1", "s"})
	require.Error(t, err, "no token in it")
	_, err = fetchToken(t.Context(), "http://127.0.0.1:1", credential{"cl_1", "s"})
	require.Error(t, err)
	_, err = fetchToken(t.Context(), "", credential{})
	require.ErrorContains(t, err, "clients.json has no such client")
}
