package awsclient_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/awsclient"
)

// TestOldTLSIsRefused: the SDK's own minimum is TLS 1.2.
func TestOldTLSIsRefused(t *testing.T) {
	for version, accepted := range map[uint16]bool{tls.VersionTLS12: false, tls.VersionTLS13: true} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.HandlerFunc(succeed))
			server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: version}
			server.StartTLS()
			t.Cleanup(server.Close)
			trusting := awsclient.Transport().WithTransportOptions(func(tr *http.Transport) {
				tr.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			})
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
			require.NoError(t, err)
			response, err := trusting.Do(r)
			if !accepted {
				require.ErrorContains(t, err, "protocol version")
				return
			}
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, version, response.TLS.Version)
		})
	}
}

// TestPlainHTTPIsForLoopbackAlone: an endpoint that was configured by mistake gets no request,
// which would carry an invoice in clear.
func TestPlainHTTPIsForLoopbackAlone(t *testing.T) {
	f := setup(t, succeed)
	cfg := f.load(t, awsclient.Options{})
	require.NoError(t, list(t.Context(), cfg))
	for _, endpoint := range []string{"http://localhost.example", "http://10.0.0.1:4566", "http://[fd00::1]"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint, http.NoBody)
		require.NoError(t, err)
		response, err := cfg.HTTPClient.Do(r)
		if err == nil {
			require.NoError(t, response.Body.Close())
		}
		require.ErrorContains(t, err, "not sent by plain HTTP", endpoint)
	}
}
