package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/privacy"
	"github.com/invochain/invochain/shared/strictjson"
	"github.com/invochain/invochain/tests/contract"
)

// maxAnswer is Lambda's limit of a function's answer in bytes.
const maxAnswer = 6_291_556

// list is a handler over an empty table of invoices.
type list struct {
	handler
	store  *invoice.Store
	buyers *privacy.Store
	doc    *contract.Document

	db          *dynamodb.Client
	table, keys string
}

func setupList(t *testing.T) list {
	t.Helper()
	db := dynamotest.Client(t)
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	tables, now := dynamotest.Tables(t, db), func() time.Time { return time.Unix(0, 0) }
	buyers := privacy.NewStore(db, tables.Keys, now)
	store := invoice.NewStore(db, tables.Invoices).WithContacts(buyers)
	return list{handler{
		invoices: store, guard: callertest.Guard(caller.Admin, "m"), now: now, log: slog.New(slog.DiscardHandler),
	}, store, buyers, doc, db, tables.Invoices, tables.Keys}
}

// reference is a reference of the most characters and bytes.
func reference(n int) string { return strings.Repeat("𑄇", 97) + fmt.Sprintf("%03d", n) }

// issue stores the nth invoice, of a request with these items.
func (l list) issue(t *testing.T, n int, items []any) {
	t.Helper()
	in := map[string]any{
		"seller_merchant_id": "m", "buyer_gstin": "29AABCU9603R1ZJ", "buyer_name": "R&D <Pune>",
		"invoice_date": "2025-11-26", "due_date": "2025-12-26", "invoice_number": fmt.Sprintf("N-%d", n), "items": items,
		"reference": reference(n),
	}
	if len(items) == 0 {
		in["total_amount"] = 118
	}
	l.put(t, n, in, nil)
}

// put stores the nth invoice; its contact, if it has any, under a key of the buyer "s".
func (l list) put(t *testing.T, n int, in map[string]any, key privacy.Key) {
	t.Helper()
	body, err := strictjson.Marshal(in)
	require.NoError(t, err)
	req, err := gst.ParseRequest(body)
	require.NoError(t, err)
	inv, err := gst.Assess(req, gst.Seller{GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise}, "")
	require.NoError(t, err)
	inv.SagaID, inv.Status = fmt.Sprintf("saga-%d", n), invoice.Issued
	inv.ID, inv.CreatedAt = invoice.IDFromSaga(inv.SagaID), fmt.Sprintf("2025-11-26T00:00:00.%03dZ", n)
	inv, contact, err := invoice.SealContact(inv, "s", key)
	require.NoError(t, err)
	stored, err := json.Marshal(inv) // as released versions stored it
	require.NoError(t, err)
	compressed, err := idempotency.Compress(stored)
	require.NoError(t, err)
	scope := invoice.NumberScope{MerchantID: "m", DocumentType: inv.DocumentType, FinancialYear: inv.FinancialYear()}
	puts, err := l.store.PutItems(invoice.New{Scope: scope, Invoice: inv, Document: compressed, Contact: contact})
	require.NoError(t, err)
	require.NoError(t, l.store.Write(t.Context(), puts))
}

// get calls the function as Lambda does and returns its decoded answer and its size.
func (l list) get(t *testing.T, q url.Values) (status int, body []byte, size int) {
	t.Helper()
	event := lambdaevents.APIGatewayProxyRequest{
		HTTPMethod: http.MethodGet, Path: "/invoices", QueryStringParameters: map[string]string{},
	}
	for name := range q {
		event.QueryStringParameters[name] = q.Get(name)
	}
	payload, err := json.Marshal(event)
	require.NoError(t, err)
	invoked := function.Runtime{Log: l.log}.Handler(function.Dispatch{HTTP: l.router().Handler()})
	answer, err := invoked.Invoke(t.Context(), payload)
	require.NoError(t, err)
	var r lambdaevents.APIGatewayProxyResponse
	require.NoError(t, json.Unmarshal(answer, &r))
	header := http.Header{"Content-Type": {r.Headers["Content-Type"]}}
	require.NoError(t, l.doc.Check(t.Context(), http.MethodGet, "/invoices", r.StatusCode, header, []byte(r.Body)))
	return r.StatusCode, []byte(r.Body), len(answer)
}

type invoicePage struct {
	Invoices []map[string]any
	Next     string `json:"next_cursor"`
}

// all returns the invoices of all pages, and how many pages there were.
func (l list) all(t *testing.T, q url.Values) (numbers []string, pages int) {
	t.Helper()
	q.Set("merchant_id", "m")
	for {
		status, body, size := l.get(t, q)
		require.Equal(t, http.StatusOK, status, "%s", body)
		require.LessOrEqual(t, size, maxAnswer)
		var page invoicePage
		require.NoError(t, json.Unmarshal(body, &page))
		for _, inv := range page.Invoices {
			numbers = append(numbers, inv["invoice_number"].(string))
		}
		pages++
		if page.Next == "" {
			return numbers, pages
		}
		q.Set("cursor", page.Next)
	}
}

// items returns n lines with a description.
func items(n int, description string) []any {
	all := make([]any, n)
	for i := range all {
		all[i] = map[string]any{
			"description": description, "quantity": 1, "unit_price": "250.00", "gst_rate": 18, "hsn": "7323",
		}
	}
	return all
}

// TestPagesFitLambdasAnswer: a default page of big invoices. Those with findings of an advise
// merchant are the longest; those with quotes grow most in the answer.
func TestPagesFitLambdasAnswer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		lines       int
		description string
	}{
		"1,000 lines with findings": {1000, strings.Repeat("a", 60)},
		"600 lines of HTML":         {600, strings.Repeat("&<>", 93)},
		"600 lines of quotes":       {600, strings.Repeat(`"\`, 75)},
		"350 lines of separators":   {350, strings.Repeat("\u2028", 100)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setupList(t)
			var want []string
			for n := range 20 {
				l.issue(t, n, items(tc.lines, tc.description))
				want = append([]string{fmt.Sprintf("N-%d", n)}, want...)
			}
			numbers, pages := l.all(t, url.Values{"expand": {"document"}})
			require.Equal(t, want, numbers)
			require.Greater(t, pages, 1)
			numbers, pages = l.all(t, url.Values{"limit": {"100"}})
			require.Equal(t, want, numbers)
			require.LessOrEqual(t, pages, 2, "summaries: at most 16 MB of documents are read for a page")
		})
	}
}

func TestListsAreSummaries(t *testing.T) {
	t.Parallel()
	l := setupList(t)
	l.issue(t, 1, items(1, "x"))
	_, body, _ := l.get(t, url.Values{"merchant_id": {"m"}})
	id := invoice.IDFromSaga("saga-1")
	require.Equal(t, `{"invoices":[{"id":"`+id+`","saga_id":"saga-1","status":"ISSUED","document_type":"INV",`+
		`"invoice_number":"N-1","buyer_gstin":"29AABCU9603R1ZJ","buyer_name":"R&D <Pune>","invoice_date":"2025-11-26",`+
		`"due_date":"2025-12-26","total_amount":295,"created_at":"2025-11-26T00:00:00.001Z"}]}`, string(body))
	for name, q := range map[string]url.Values{
		"expand": {"expand": {"document"}},
		"number": {"invoice_number": {"n-1"}, "financial_year": {"2526"}},
	} {
		q.Set("merchant_id", "m")
		_, body, _ = l.get(t, q)
		require.Contains(t, string(body), `"items":[{"description":"x"`, name)
	}
}

// TestFilteredPagesAreBounded: a filter that selects one of 310 invoices.
func TestFilteredPagesAreBounded(t *testing.T) {
	t.Parallel()
	l := setupList(t)
	l.issue(t, 0, nil)
	for n := 1; n < 310; n++ {
		l.issue(t, n, nil)
	}
	numbers, pages := l.all(t, url.Values{"document_type": {"DBN"}})
	require.Empty(t, numbers)
	require.Equal(t, 2, pages)
	numbers, pages = l.all(t, url.Values{"document_type": {"INV"}, "limit": {"100"}})
	require.Len(t, numbers, 310)
	require.Equal(t, 4, pages)
}

func TestFilterByReference(t *testing.T) {
	t.Parallel()
	l := setupList(t)
	l.issue(t, 1, nil)
	l.issue(t, 2, nil)
	numbers, _ := l.all(t, url.Values{"reference": {reference(2)}})
	require.Equal(t, []string{"N-2"}, numbers)
	numbers, _ = l.all(t, url.Values{"external_id": {reference(2)}})
	require.Empty(t, numbers)
	status, body, _ := l.get(t, url.Values{"merchant_id": {"m"}, "reference": {strings.Repeat("𑄇", 100)}})
	require.Equal(t, http.StatusOK, status, "%s", body)
}

func TestMalformedFiltersAreRefused(t *testing.T) {
	t.Parallel()
	l := setupList(t)
	for name, values := range map[string][]string{
		"document_type":  {"INVOICE", "inv"},
		"status":         {"issued", "PAID"},
		"from":           {"2025-13-01", "26/11/2025", "2017-06-30", "2025-11-26T00:00:00Z"},
		"to":             {"2025-02-29", "today"},
		"buyer_gstin":    {"29AABCU9603R1Z", "29aabcu9603r1zj"},
		"financial_year": {"25-26", "2025-26", "25260"},
		"reference":      {strings.Repeat("अ", 101), strings.Repeat("a", 401)},
		"external_id":    {strings.Repeat("a", 101)},
		"expand":         {"items", "Document"},
		"limit":          {"0", "101", "ten"},
	} {
		for _, value := range values {
			t.Run(name+"="+value, func(t *testing.T) {
				t.Parallel()
				status, body, _ := l.get(t, url.Values{"merchant_id": {"m"}, name: {value}})
				require.Equal(t, http.StatusBadRequest, status)
				require.Contains(t, string(body), `"code":"invalid_query"`)
				require.Contains(t, string(body), `"field":"`+name+`"`)
			})
		}
	}
	for name, q := range map[string]url.Values{
		"to":             {"from": {"2025-11-26"}, "to": {"2025-11-25"}},
		"status":         {"invoice_number": {"N-1"}, "financial_year": {"2526"}, "status": {"ISSUED"}},
		"financial_year": {"invoice_number": {"N-1"}},
		"reference":      {"invoice_number": {"N-1"}, "financial_year": {"2526"}, "reference": {"R"}},
		"external_id":    {"invoice_number": {"N-1"}, "financial_year": {"2526"}, "external_id": {"E"}},
	} {
		q.Set("merchant_id", "m")
		status, body, _ := l.get(t, q)
		require.Equal(t, http.StatusBadRequest, status)
		require.Contains(t, string(body), `"field":"`+name+`"`)
	}
}
