package export_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/export"
)

// TestBucket: files are written to, and read from, the bucket's path at an emulator, for 10 minutes.
func TestBucket(t *testing.T) {
	t.Parallel()
	status, put := http.StatusOK, map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		put[r.Method+" "+r.URL.Path] = string(body)
		w.WriteHeader(status)
	}))
	defer server.Close()
	b := export.NewBucket(aws.Config{
		Region: "ap-south-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	}, "exports")
	require.NoError(t, b.Put(t.Context(), "ex_1/0001.jsonl.gz", []byte("data")))
	require.Contains(t, put["PUT /exports/ex_1/0001.jsonl.gz"], "data")
	url, err := b.URL(t.Context(), "ex_1/0001.jsonl.gz")
	require.NoError(t, err)
	require.Contains(t, url, server.URL+"/exports/ex_1/0001.jsonl.gz?")
	require.Contains(t, url, "X-Amz-Expires=600")
	status = http.StatusForbidden
	require.ErrorContains(t, b.Put(t.Context(), "ex_1/0002.jsonl.gz", nil), "write a file of an export")
}
