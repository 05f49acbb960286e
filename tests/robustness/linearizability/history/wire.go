package history

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
)

// httpRequest returns the HTTP request of an operation.
func (o Op) httpRequest() (method, path string, body []byte) {
	q := url.Values{"merchant_id": {o.Merchant}}
	switch o.Kind {
	case Create:
		return http.MethodPost, "/invoices", o.invoice()
	case Cancel:
		body, _ = json.Marshal(map[string]any{"reason": o.Payload})
		return http.MethodPost, "/invoices/" + o.Target + "/cancellation?" + q.Encode(), body
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

// All invoices have one date, so that all numbers belong to one financial year.
const (
	invoiceDate   = "2025-11-26"
	financialYear = "2526"
)

func (o Op) invoice() []byte {
	item := map[string]any{
		"description": "Steel bottle", "hsn": "732393", "quantity": max(1, o.Quantity), "unit": "NOS",
		"unit_price": "250.00", "gst_rate": 18,
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

// answer holds the members that are read from responses of any kind.
type answer struct {
	Code     string      `json:"code"`
	ID       string      `json:"id"`
	Number   string      `json:"invoice_number"`
	SagaID   string      `json:"saga_id"`
	State    string      `json:"state"`
	Status   any         `json:"status"` // an invoice's; of a problem, a number
	OnHand   json.Number `json:"on_hand"`
	Reserved json.Number `json:"reserved"`
	Sold     json.Number `json:"sold"`
	Invoices []answer    `json:"invoices"`
	Next     string      `json:"next_cursor"`
}

func outcome(kind string, status int, header http.Header, body []byte) Outcome {
	var a answer
	_ = json.Unmarshal(body, &a) // a body that is not JSON has no code and counts as unexpected
	if kind == Find && len(a.Invoices) == 1 {
		a = a.Invoices[0]
	}
	shown, _ := a.Status.(string)
	o := Outcome{
		Status: status, Code: a.Code, SagaID: a.SagaID, Number: a.Number, State: cmp.Or(a.State, shown),
		Replayed: header.Get("X-Idempotent-Replayed") == "true",
		OnHand:   units(a.OnHand), Reserved: units(a.Reserved), Sold: units(a.Sold),
	}
	if kind == Saga {
		o.SagaID = a.ID
	} else {
		o.Invoice = a.ID
	}
	if status == http.StatusCreated || status == http.StatusAccepted || kind == Read {
		o.Bytes, o.Content = digest(body), content(body)
	}
	return o
}

func units(n json.Number) int {
	v, err := n.Int64()
	if err != nil && n != "" {
		return -1 // a fraction of a unit, which no operation requests
	}
	return int(v)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}

// content returns the digest of the body's canonical JSON, without what a read adds to an invoice
// and a cancellation changes.
func content(body []byte) string {
	var v map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return "not JSON"
	}
	for _, name := range []string{"tax_explanation", "status", "cancellation"} {
		delete(v, name)
	}
	sorted, err := json.Marshal(v)
	if err != nil {
		return "not JSON"
	}
	return digest(sorted)
}
