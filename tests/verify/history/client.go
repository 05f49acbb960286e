package history

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// client speaks to the API, each request once.
type client struct {
	url   string
	http  *http.Client
	began time.Time
	limit time.Duration // of a request
}

func newClient(base string, limit time.Duration) *client {
	return &client{
		url: strings.TrimSuffix(base, "/"), began: time.Now(), limit: limit,
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 20 * time.Second}},
	}
}

func (c *client) now() int64 { return time.Since(c.began).Nanoseconds() }

// do sends what op asks for and completes op with the outcome.
func (c *client) do(ctx context.Context, op Op) Op {
	method, path, body := op.request()
	key := op.Key
	if op.Kind != Create {
		key = ""
	}
	limit := c.limit
	if op.Patience > 0 {
		limit = op.Patience
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	op.Call = c.now()
	status, header, answer, err := c.send(ctx, method, path, key, body)
	op.Return = c.now()
	op.Outcome = outcome(op.Kind, status, header, answer)
	if err != nil {
		op.Outcome = Outcome{Error: cause(err)}
	}
	return op
}

// unrepeatable hides what a body is made of. net/http sends a request that carries
// an Idempotency-Key a second time when its connection breaks, if it can read the
// body again; then the one who counts would not know.
type unrepeatable struct{ io.Reader }

func (c *client) send(ctx context.Context, method, path, key string, body []byte) (int, http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, nil)
	if err != nil {
		return 0, nil, nil, err
	}
	if method != http.MethodGet {
		req.Body, req.ContentLength = io.NopCloser(unrepeatable{bytes.NewReader(body)}), int64(len(body))
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, answer, err
}

func cause(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "gave up waiting"
	}
	return "the connection broke"
}

// request is the HTTP request of an operation.
func (o Op) request() (method, path string, body []byte) {
	q := url.Values{"merchant_id": {o.Merchant}}
	switch o.Kind {
	case Create:
		return http.MethodPost, "/invoices", o.invoice()
	case Read:
		return http.MethodGet, "/invoices/" + o.Target + "?" + q.Encode(), nil
	case Saga:
		return http.MethodGet, "/sagas/" + o.Target + "?" + q.Encode(), nil
	case Find:
		q.Set("invoice_number", o.Number)
		q.Set("document_type", "INV")
		q.Set("financial_year", financialYear)
		return http.MethodGet, "/invoices?" + q.Encode(), nil
	case Count:
		body, _ = json.Marshal(map[string]any{"merchant_id": o.Merchant, "on_hand": o.Quantity})
		return http.MethodPut, "/inventory/" + o.SKU, body
	default:
		return http.MethodGet, "/inventory/" + o.SKU + "?" + q.Encode(), nil
	}
}

// Every invoice is of one day, so that all numbers are of one financial year.
const (
	invoiceDate   = "2025-11-26"
	financialYear = "2526"
)

func (o Op) invoice() []byte {
	item := map[string]any{
		"description": "Steel bottle", "hsn": "732393", "quantity": max(1, o.Quantity), "unit": "NOS", "unit_price": "250.00", "gst_rate": 18,
	}
	if o.SKU != "" {
		item["sku"] = o.SKU
	}
	in := map[string]any{
		"seller_merchant_id": o.Merchant, "buyer_gstin": "29AABCU9603R1ZJ", "invoice_date": invoiceDate,
		"buyer_name": o.Payload, "items": []any{item},
	}
	if o.Series != "" {
		in["series"] = o.Series
	} else {
		in["invoice_number"] = o.Number
	}
	body, _ := json.Marshal(in)
	return body
}

// answer holds the members of all answers that are looked at.
type answer struct {
	Code     string      `json:"code"`
	ID       string      `json:"id"`
	Number   string      `json:"invoice_number"`
	SagaID   string      `json:"saga_id"`
	State    string      `json:"state"`
	OnHand   json.Number `json:"on_hand"`
	Reserved json.Number `json:"reserved"`
	Sold     json.Number `json:"sold"`
	Invoices []answer    `json:"invoices"`
	Next     string      `json:"next_cursor"`
}

func outcome(kind string, status int, header http.Header, body []byte) Outcome {
	var a answer
	_ = json.Unmarshal(body, &a) // what is no JSON has no code, and is found strange
	if kind == Find && len(a.Invoices) == 1 {
		a = a.Invoices[0]
	}
	o := Outcome{
		Status: status, Code: a.Code, SagaID: a.SagaID, Number: a.Number, State: a.State,
		Replayed: header.Get("X-Idempotent-Replayed") == "true",
		OnHand:   units(a.OnHand), Reserved: units(a.Reserved), Sold: units(a.Sold),
	}
	if kind == Saga {
		o.SagaID = a.ID
	} else {
		o.Invoice = a.ID
	}
	if status == http.StatusCreated || kind == Read {
		o.Bytes, o.Content = digest(body), content(body)
	}
	return o
}

func units(n json.Number) int {
	v, err := n.Int64()
	if err != nil && n != "" {
		return -1 // a part of a unit, which nobody has asked for
	}
	return int(v)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}

func content(body []byte) string {
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return "not JSON"
	}
	sorted, err := json.Marshal(v)
	if err != nil {
		return "not JSON"
	}
	return digest(sorted)
}

// must sends a request that prepares or ends a run, and expects a 200.
func (c *client) must(ctx context.Context, method, path string, body any, into any) error {
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	status, _, got, err := c.send(ctx, method, path, "", sent)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if status != http.StatusOK {
		return fmt.Errorf("%s %s: %d %s", method, path, status, got)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(got, into)
}
