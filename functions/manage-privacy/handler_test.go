package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/export"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/privacy"
	"github.com/invochain/invochain/tests/contract"
)

// fixture is a handler of two merchants, m and other, with a buyer asha@example.in of m, who has a key
// and invoices of two years.
type fixture struct {
	handler

	doc   *contract.Document
	keys  *privacy.Store
	db    *dynamotest.Faults
	sent  []events.AuditRequest
	away  bool // the audit queue
	clock time.Time
	log   bytes.Buffer
}

const buyer = "asha@example.in"

func setup(t *testing.T) *fixture {
	t.Helper()
	client := dynamotest.Client(t)
	table := dynamotest.Tables(t, client).Keys
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	f := &fixture{
		doc: doc, db: &dynamotest.Faults{Client: client}, clock: time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC),
	}
	now := func() time.Time { return f.clock }
	f.keys = privacy.NewStore(f.db, table, now)
	log := slog.New(slog.NewJSONHandler(&f.log, nil))
	f.handler = handler{
		subjects: f.keys, documents: f, merchants: f, now: now, log: log, guard: callertest.Guard(caller.Admin, "m"),
		erasures: erasure.NewStore(f.db, erasure.Config{
			Table: table, Keys: f.keys, Now: now, Acts: caller.Acts{Queue: f, Now: now, Log: log},
		}),
	}
	held := holdings{f, map[string][]byte{}}
	f.exports = export.NewStore(f.db, export.Config{
		Table: table, Invoices: held, Objects: held, Acts: caller.Acts{Queue: f, Now: now, Log: log}, Now: now,
	})
	item, err := f.keys.PutKey("m", f.subject(t, buyer), privacy.NewKey())
	require.NoError(t, err)
	require.NoError(t, dynamo.Transact(t.Context(), client, item))
	return f
}

func (f *fixture) subject(t *testing.T, identifier string) string {
	t.Helper()
	subject, err := f.keys.Subject(t.Context(), "m", identifier)
	require.NoError(t, err)
	return subject
}

// Send implements the queue of acts.
func (f *fixture) Send(_ context.Context, group string, m any) error {
	if f.away {
		return errors.New("the queue is away")
	}
	request, isRequest := m.(events.AuditRequest)
	if !isRequest || request.Act == nil || request.Act.MerchantID != group {
		return errors.New("not an act of the group's merchant")
	}
	f.sent = append(f.sent, request)
	return nil
}

// YearsOf implements documents.
func (f *fixture) YearsOf(ctx context.Context, _, subject string) ([]string, time.Time, error) {
	known, err := f.keys.Subject(ctx, "m", buyer)
	if err != nil || subject != known {
		return nil, time.Time{}, err
	}
	return []string{"2425", "2526"}, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), nil
}

// Get implements merchants: m is a company.
func (f *fixture) Get(_ context.Context, id string) (merchant.Profile, error) {
	return merchant.Profile{ID: id, GSTIN: "27AABCU9603R1ZN"}, nil
}

// call calls the function and checks the answer against its description.
func (f *fixture) call(t *testing.T, method, path, body string) (int, map[string]any) {
	t.Helper()
	path, query, _ := strings.Cut(path, "?")
	e := lambdaevents.APIGatewayProxyRequest{
		HTTPMethod: method, Path: path, Body: body, Headers: map[string]string{"Content-Type": "application/json"},
	}
	if name, value, given := strings.Cut(query, "="); given {
		e.QueryStringParameters = map[string]string{name: value}
	}
	r := httpapi.Invoke(t.Context(), f.router().Handler(), e)
	header := http.Header{}
	for name, value := range r.Headers {
		header.Set(name, value)
	}
	require.NoError(t, f.doc.Check(t.Context(), method, path, r.StatusCode, header, []byte(r.Body)), r.Body)
	var decoded map[string]any
	if r.Body != "" {
		require.NoError(t, json.Unmarshal([]byte(r.Body), &decoded))
	}
	return r.StatusCode, decoded
}

func (f *fixture) hasKey(t *testing.T) bool {
	t.Helper()
	key, err := f.keys.State(t.Context(), "m", f.subject(t, buyer))
	require.NoError(t, err)
	return key.ID != ""
}

func TestRoutesAreDescribed(t *testing.T) {
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	require.NoError(t, doc.CheckRoutes(handler{}.router().Routes))
}
