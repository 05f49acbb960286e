package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/strictjson"
	"github.com/invochain/invochain/tests/contract"
)

// oneProfile is a store with one merchant, of Maharashtra, that can only be read.
type oneProfile struct {
	merchants
	compliance string
	closed     gst.Month
}

func (s oneProfile) Get(_ context.Context, id string) (merchant.Profile, error) {
	if id != "m" {
		return merchant.Profile{}, merchant.NotFound()
	}
	return merchant.Profile{
		ID: id, Name: "N", GSTIN: "27AABCU9603R1ZN", Compliance: s.compliance, ClosedThrough: s.closed,
	}, nil
}

// sale is a request that a strict merchant may issue.
const sale = `{"series":"S","seller_merchant_id":"m","invoice_date":"2025-11-26","buyer_gstin":"27AAGCB1111K1Z0",` +
	`"buyer_name":"Brightway Stores","buyer_address":"4 Station Road, Nashik 422001","items":[{"description":"Bottle",` +
	`"hsn":"732393","quantity":2,"unit":"NOS","unit_price":"62.51","gst_rate":18}]}`

// preview posts a body as a role of merchant m. Each answer is as described.
func preview(t *testing.T, compliance string, role caller.Role, body string) lambdaevents.APIGatewayProxyResponse {
	t.Helper()
	h := handler{
		merchants: oneProfile{compliance: compliance}, guard: callertest.Guard(role, "m"),
		now: func() time.Time { return time.Date(2025, 11, 25, 18, 30, 0, 0, time.UTC) }, // 26 November in India
		log: slog.New(slog.DiscardHandler),
	}
	r := httpapi.Invoke(t.Context(), h.router().Handler(), lambdaevents.APIGatewayProxyRequest{
		HTTPMethod: http.MethodPost, Path: "/invoices/preview", Body: body,
		Headers: map[string]string{"Content-Type": "application/json"},
	})
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	header := http.Header{"Content-Type": {r.Headers["Content-Type"]}}
	require.NoError(t, doc.Check(t.Context(), http.MethodPost, "/invoices/preview", r.StatusCode, header, []byte(r.Body)))
	return r
}

func TestAPreviewIsTheInvoice(t *testing.T) {
	t.Parallel()
	r := preview(t, gst.Strict, caller.Accountant, sale)
	require.Equal(t, http.StatusOK, r.StatusCode, r.Body)
	var got struct {
		WouldBeRefused bool `json:"would_be_refused"`
		Draft          json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(r.Body), &got))
	require.False(t, got.WouldBeRefused)
	req, err := gst.ParseRequest([]byte(sale))
	require.NoError(t, err)
	profile, err := oneProfile{compliance: gst.Strict}.Get(t.Context(), "m")
	require.NoError(t, err)
	inv, err := gst.Assess(req, profile.Seller(), "")
	require.NoError(t, err)
	want, err := strictjson.Marshal(inv)
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(got.Draft))
	for _, field := range []string{`"id"`, `"saga_id"`, `"status"`, `"invoice_number"`, `"created_at"`} {
		require.NotContains(t, r.Body, field)
	}
	numbered := strings.Replace(sale, `"series":"S"`, `"invoice_number":"A-1"`, 1)
	require.Contains(t, preview(t, gst.Strict, caller.Clerk, numbered).Body, `"invoice_number":"A-1"`)
}

// TestFindingsDoNotRefuseAPreview: tomorrow's invoice, seen on the last second before it.
func TestFindingsDoNotRefuseAPreview(t *testing.T) {
	t.Parallel()
	tomorrow := strings.Replace(sale, "2025-11-26", "2025-11-27", 1)
	for compliance, refused := range map[string]bool{gst.Strict: true, gst.Advise: false, "": true} {
		r := preview(t, compliance, caller.Clerk, tomorrow)
		require.Equal(t, http.StatusOK, r.StatusCode, r.Body)
		var got gst.Preview
		require.NoError(t, json.Unmarshal([]byte(r.Body), &got))
		require.Equal(t, refused, got.WouldBeRefused, compliance)
		require.Len(t, got.Draft.Compliance.Findings, 1)
		require.Equal(t, "date_in_future", got.Draft.Compliance.Findings[0].Code)
	}
}

// TestWrongInputOfAPreview gets the answers of POST /invoices.
func TestWrongInputOfAPreview(t *testing.T) {
	t.Parallel()
	with := func(from, to string) string { return strings.Replace(sale, from, to, 1) }
	for name, tc := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"no JSON":            {"{", 400, "body_not_json"},
		"no body":            {"", 400, "body_empty"},
		"unknown field":      {with(`"series"`, `"x":1,"series"`), 400, "invalid_request"},
		"repeated field":     {with(`"series"`, `"series":"S","series"`), 400, "duplicate_field"},
		"impossible value":   {with(`"gst_rate":18`, `"gst_rate":101`), 422, "invalid_request"},
		"wrong total":        {with(`"items"`, `"total_amount":200,"items"`), 422, "total_mismatch"},
		"body too large":     {with("Bottle", strings.Repeat("x", strictjson.MaxBody)), 413, "body_too_large"},
		"invoice too large":  {thousand(random()), 413, "invoice_too_large"},
		"another's merchant": {with(`"m"`, `"other"`), 403, "merchant_forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := preview(t, gst.Advise, caller.Admin, tc.body)
			require.Equal(t, tc.status, r.StatusCode, r.Body)
			if tc.code != "" {
				require.Contains(t, r.Body, `"code":"`+tc.code+`"`)
			}
		})
	}
}

// thousand returns a request of 1,000 lines.
func thousand(description func() string) string {
	lines := make([]string, gst.MaxItems)
	for n := range lines {
		lines[n] = `{"quantity":1,"unit_price":1,"gst_rate":12,"hsn":"123","description":"` + description() + `"}`
	}
	return `{"series":"S","seller_merchant_id":"m","invoice_date":"2025-11-26","items":[` + strings.Join(lines, ",") + `]}`
}

// random returns a function that returns texts which hardly compress, the same ones each time.
func random() func() string {
	source := rand.New(rand.NewPCG(1, 2))
	return func() string {
		text := make([]rune, 290)
		for n := range text {
			text[n] = rune(0x4E00 + source.IntN(0x5000)) // 3 bytes for 14 bits
		}
		return string(text)
	}
}

// TestAPreviewOfAClosedMonth is refused like the invoice.
func TestAPreviewOfAClosedMonth(t *testing.T) {
	t.Parallel()
	h := handler{
		merchants: oneProfile{compliance: gst.Strict, closed: "2025-11"}, guard: callertest.Guard(caller.Accountant, "m"),
		now: time.Now, log: slog.New(slog.DiscardHandler), //nolint:forbidigo // the day does not matter
	}
	r := httpapi.Invoke(t.Context(), h.router().Handler(), lambdaevents.APIGatewayProxyRequest{
		HTTPMethod: http.MethodPost, Path: "/invoices/preview", Body: sale,
		Headers: map[string]string{"Content-Type": "application/json"},
	})
	require.Equal(t, http.StatusConflict, r.StatusCode, r.Body)
	require.Contains(t, r.Body, `"code":"period_closed"`)
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	header := http.Header{"Content-Type": {r.Headers["Content-Type"]}}
	require.NoError(t, doc.Check(t.Context(), http.MethodPost, "/invoices/preview", r.StatusCode, header, []byte(r.Body)))
}

// TestALongPreviewFitsLambdasAnswer: each line has findings and quotes.
func TestALongPreviewFitsLambdasAnswer(t *testing.T) {
	t.Parallel()
	body := thousand(func() string { return strings.Repeat(`\"`, 300) })
	require.Less(t, len(body), strictjson.MaxBody)
	r := preview(t, gst.Strict, caller.Clerk, body)
	require.Equal(t, http.StatusOK, r.StatusCode)
	answer, err := json.Marshal(r)
	require.NoError(t, err)
	require.Less(t, len(answer), maxAnswer)
}
