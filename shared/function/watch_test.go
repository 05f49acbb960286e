package function_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/telemetry/telemetrytest"
)

// spans of a function's output: how many of a name and status.
func spans(t *testing.T, out string) map[string]int {
	t.Helper()
	all := map[string]int{}
	for text := range strings.Lines(out) {
		var line struct{ Span, Status string }
		require.NoError(t, json.Unmarshal([]byte(text), &line), text)
		if line.Span != "" {
			all[line.Span+" "+line.Status]++
		}
	}
	return all
}

// boot starts a runtime whose calls go to url.
func boot(t *testing.T, url string) (function.Runtime, *bytes.Buffer) {
	t.Helper()
	t.Setenv("AWS_REGION", "ap-south-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_ENDPOINT_URL", url)
	var out bytes.Buffer
	rt, ok := function.Boot(t.Context(), env.New(func(string) string { return "" }), &out, realTime())
	require.True(t, ok)
	return rt, &out
}

func put(table, pk string) *dynamodb.PutItemInput {
	return &dynamodb.PutItemInput{
		TableName:           &table,
		ConditionExpression: aws.String("attribute_not_exists(pk)"),
		Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: pk},
			"sk": &types.AttributeValueMemberS{Value: "-"},
		},
	}
}

// invoke dispatches every event to do.
func invoke(do func(context.Context) error) function.Dispatch {
	return function.Dispatch{Invoke: func(ctx context.Context, _ json.RawMessage) (any, error) { return nil, do(ctx) }}
}

// TestCallsAreCounted counts the calls of one invocation on a real DynamoDB.
func TestCallsAreCounted(t *testing.T) {
	local := dynamotest.Client(t)
	table := dynamotest.Tables(t, local).Inventory
	rt, out := boot(t, *local.Options().BaseEndpoint)
	db := dynamodb.NewFromConfig(rt.AWS)
	_, err := rt.Handler(invoke(func(ctx context.Context) error {
		_, first := db.PutItem(ctx, put(table, "a"))
		_, again := db.PutItem(ctx, put(table, "a"))
		_, gone := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("none"), Key: put(table, "a").Item})
		require.NoError(t, first)
		require.Error(t, again)
		require.Error(t, gone)
		_, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: put(table, "a").Item})
		return err
	})).Invoke(t.Context(), []byte(`{}`))
	require.NoError(t, err)
	counts := telemetrytest.Sums(t, out.String())
	require.Positive(t, counts["dynamodb_connections_active{}"], "the last call's stays open")
	delete(counts, "dynamodb_connections_active{}") // those of refused calls are closed, sooner or later
	require.Equal(t, map[string]float64{
		"dynamodb_requests_total{operation=PutItem,outcome=ok}":      1,
		"dynamodb_requests_total{operation=PutItem,outcome=refused}": 1,
		"dynamodb_requests_total{operation=GetItem,outcome=error}":   1,
		"dynamodb_requests_total{operation=GetItem,outcome=ok}":      1,
		"dynamodb_request_duration_seconds{operation=PutItem}":       2,
		"dynamodb_request_duration_seconds{operation=GetItem}":       2,
		"dynamodb_write_units_total{operation=PutItem}":              1,
	}, counts)
	require.Equal(
		t,
		map[string]int{"invocation ok": 1, "DynamoDB.PutItem ok": 2, "DynamoDB.GetItem ok": 1, "DynamoDB.GetItem error": 1},
		spans(t, out.String()),
	)
}

// TestAttemptsAfterTheFirst sends a call through a proxy that fails twice and closes the
// connection each time.
func TestAttemptsAfterTheFirst(t *testing.T) {
	local := dynamotest.Client(t)
	table := dynamotest.Tables(t, local).Inventory
	target, err := url.Parse(*local.Options().BaseEndpoint)
	require.NoError(t, err)
	var seen atomic.Int64
	pass := httputil.NewSingleHostReverseProxy(target)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen.Add(1) <= 2 {
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	rt, out := boot(t, proxy.URL)
	_, err = rt.Handler(invoke(func(ctx context.Context) error {
		_, err := dynamodb.NewFromConfig(rt.AWS).PutItem(ctx, put(table, "a"))
		return err
	})).Invoke(t.Context(), []byte(`{}`))
	require.NoError(t, err)
	counts := telemetrytest.Sums(t, out.String())
	require.InDelta(t, 2, counts["retry_attempts_total{dependency=dynamodb}"], 0)
	require.InDelta(
		t,
		1,
		counts["dynamodb_requests_total{operation=PutItem,outcome=ok}"],
		0,
		"one call, however often it was sent",
	)
	require.InDelta(t, 1, counts["dynamodb_connections_active{}"], 0, "closed ones are not open")
}

// TestFailuresAreRecorded: an error, and a panic, which ends the process.
func TestFailuresAreRecorded(t *testing.T) {
	rt, out := boot(t, "http://127.0.0.1:1")
	_, err := rt.Handler(invoke(func(context.Context) error { return errors.New("no") })).Invoke(t.Context(), []byte(`{}`))
	require.Error(t, err)
	require.Equal(t, map[string]int{"invocation error": 1}, spans(t, out.String()))
	out.Reset()
	require.Panics(t, func() {
		_, _ = rt.Handler(invoke(func(context.Context) error { panic("no") })).Invoke(t.Context(), []byte(`{}`))
	})
	require.Equal(t, map[string]int{"invocation error": 1}, spans(t, out.String()))
}
