package awsclient

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"
)

// TestConnectionsOfTheInitServeTheFirstCall: a client's first call opens no other one.
func TestConnectionsOfTheInitServeTheFirstCall(t *testing.T) {
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = w.Write([]byte("{}"))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_REGION": "ap-south-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_ENDPOINT_URL": server.URL,
	} {
		t.Setenv(name, value)
	}
	cfg, err := Load(Options{})
	require.NoError(t, err)
	Instrument(&cfg, time.Now) //nolint:forbidigo // real time
	client := sqs.NewFromConfig(cfg)
	Connect(t.Context(), cfg, SQS)
	require.Zero(t, opened.Load(), "an emulator is near")
	connect(t.Context(), cfg, map[string]string{SQS: server.URL})
	require.EqualValues(t, 1, opened.Load())
	_, err = client.ListQueues(t.Context(), &sqs.ListQueuesInput{})
	require.NoError(t, err)
	require.EqualValues(t, 1, opened.Load())
}

// TestConnectWaitsForASecondAtMost and ignores services that cannot be reached.
func TestConnectWaitsForASecondAtMost(t *testing.T) {
	t.Setenv("AWS_REGION", "ap-south-1")
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	cfg, err := Load(Options{})
	require.NoError(t, err)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	began := time.Now() //nolint:forbidigo // real time
	connect(t.Context(), cfg, map[string]string{
		SQS: "http://" + listener.Addr().String(), DynamoDB: "http://127.0.0.1:1", Inventory: "://",
	})
	require.Less(t, time.Since(began), 4*time.Second)
}
