package awsclient_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/resilience"
)

// fixture is an AWS endpoint that counts requests. Its tests are not parallel: the SDK
// reads the endpoint from the environment.
type fixture struct {
	*httptest.Server

	requests atomic.Int64
}

func setup(t *testing.T, respond http.HandlerFunc) *fixture {
	t.Helper()
	f := &fixture{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.requests.Add(1)
		_, _ = io.Copy(io.Discard, r.Body) // or the server would not notice a closed connection
		respond(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fixture) load(t *testing.T, o awsclient.Options) aws.Config {
	t.Helper()
	for name, v := range map[string]string{
		"AWS_REGION": "ap-south-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_ENDPOINT_URL": f.URL,
	} {
		t.Setenv(name, v)
	}
	cfg, err := awsclient.Load(o)
	require.NoError(t, err)
	return cfg
}

func succeed(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}`)) }

func fail(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }

// list calls DynamoDB once, by a client of its own.
func list(ctx context.Context, cfg aws.Config) error {
	_, err := dynamodb.NewFromConfig(cfg).ListTables(ctx, &dynamodb.ListTablesInput{})
	return err
}

// withPolicy returns options in which DynamoDB has policy p.
func withPolicy(p resilience.Policy) awsclient.Options {
	return awsclient.Options{Policies: map[string]resilience.Policy{awsclient.DynamoDB: p}}
}
