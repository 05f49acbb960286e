package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestForeignHostsAreRefused: a page of another site cannot reach the gateway by a name of its
// own that resolves to 127.0.0.1.
func TestForeignHostsAreRefused(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]int{
		"localhost": 200, "localhost:3002": 200, "LocalHost:1": 200, "127.0.0.1": 200, "127.0.0.1:3002": 200,
		"[::1]": 200, "[::1]:3002": 200,
		"evil.example": 421, "evil.example:3002": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421,
		"localhost.": 421, "0.0.0.0:3002": 421, "127.0.0.2": 421, "[::]:3002": 421, "[::ffff:127.0.0.1]": 421,
		"api.localhost": 421, strings.Repeat("a", 5000): 421,
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			address, _ := serveRaw(t)
			ask := func(path string) (int, http.Header, string) {
				return exchange(t, address, "GET "+path+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n", false)
			}
			status, header, body := ask("/health")
			require.Equal(t, want, status, body)
			metrics, _, _ := ask("/metrics")
			require.Equal(t, want == http.StatusMisdirectedRequest, metrics == http.StatusMisdirectedRequest)
			require.Less(t, len(body), 400)
			if want == http.StatusMisdirectedRequest {
				require.Equal(t, "application/problem+json", header.Get("Content-Type"))
				require.Contains(t, body, `"code":"refused_by_gateway"`)
			}
		})
	}
}

func TestRefusedMethodsNameTheOthers(t *testing.T) {
	t.Parallel()
	g, _ := serve(t, func(http.ResponseWriter, *http.Request) {})
	status, header, _ := send(t, "PROPFIND", g+"/invoices", "")
	require.Equal(t, http.StatusMethodNotAllowed, status)
	require.Equal(t, gatewayMethods, header.Get("Allow"))
}
