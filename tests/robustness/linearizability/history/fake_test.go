package history_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// fake is the API behind one lock. It keeps every promise except the one that its fault
// breaks. Answers are delayed at random, and sales and compensations follow later.
type fake struct {
	fault string

	mu     sync.Mutex
	keys   map[string]*keyRecord
	levels map[string]*[3]int          // by merchant and SKU: on hand, reserved, sold
	owner  map[string]string           // invoice ids by number
	next   map[string]int              // by series
	sagas  map[string]string           // states by id
	end    map[string]func()           // of sagas by id; may be called again
	held   map[string]bool             // invoices that are cancelled, by id
	sold   map[string]sale             // by invoice id
	stored map[string]map[string]any   // invoices by id
	lists  map[string][]map[string]any // by merchant
	count  int
}

// keyRecord is a used key; it is locked while its failed run is compensated.
type keyRecord struct {
	payload, body string // payload: of a cancellation, its invoice and reason
	invoice       string
	locked        bool
}

func newFake(fault string) *fake {
	return &fake{
		fault: fault, keys: map[string]*keyRecord{}, levels: map[string]*[3]int{},
		owner: map[string]string{}, next: map[string]int{},
		sagas: map[string]string{}, end: map[string]func(){}, held: map[string]bool{}, sold: map[string]sale{},
		stored: map[string]map[string]any{}, lists: map[string][]map[string]any{},
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.Method != http.MethodGet {
		delay()
	}
	status, answer, replayed := f.serve(r, body)
	if r.Method != http.MethodGet {
		delay()
	}
	if replayed {
		w.Header().Set("X-Idempotent-Replayed", "true")
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

// delay sleeps briefly, and at times for longer than a client waits.
func delay() {
	d := rand.N(3 * time.Millisecond)
	if rand.N(12) == 0 {
		d = rand.N(80 * time.Millisecond)
	}
	time.Sleep(d)
}

func (f *fake) serve(r *http.Request, body []byte) (int, string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	resource, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	merchant := r.URL.Query().Get("merchant_id")
	switch {
	case resource == "inventory" && r.Method == http.MethodPut:
		return f.setStock(name, body)
	case resource == "inventory":
		return f.stock(merchant + name)
	case resource == "sagas":
		return 200, object(map[string]any{"id": name, "state": f.sagas[name]}), false
	case strings.HasSuffix(name, "/cancellation"):
		return f.cancel(strings.TrimSuffix(name, "/cancellation"), r.Header.Get("Idempotency-Key"), body)
	case r.Method == http.MethodPost:
		return f.create(r.Header.Get("Idempotency-Key"), body)
	case name != "":
		return f.invoice(f.stored[name])
	case r.URL.Query().Get("invoice_number") != "":
		return f.find(f.owner[merchant+f.folded(r.URL.Query().Get("invoice_number"))])
	default:
		return 200, object(map[string]any{"invoices": f.lists[merchant]}), false
	}
}

func (f *fake) setStock(sku string, body []byte) (int, string, bool) {
	var in struct {
		Merchant string `json:"merchant_id"`
		OnHand   int    `json:"on_hand"`
	}
	_ = json.Unmarshal(body, &in)
	name := in.Merchant + sku
	if f.levels[name] == nil {
		f.levels[name] = &[3]int{}
	}
	f.levels[name][0] = in.OnHand
	return f.stock(name)
}

func (f *fake) stock(name string) (int, string, bool) {
	b := f.levels[name]
	return 200, object(map[string]any{"on_hand": b[0], "reserved": b[1], "sold": b[2]}), false
}

func (f *fake) find(id string) (int, string, bool) {
	if id == "" {
		return problem(404, "invoice_not_found")
	}
	return 200, `{"invoices":[` + f.show(f.stored[id]) + `]}`, false
}

func (f *fake) invoice(inv map[string]any) (int, string, bool) {
	if inv == nil || f.strikes("loses an invoice", 4) {
		return problem(404, "invoice_not_found")
	}
	body := f.show(inv)
	return 200, body[:len(body)-1] + `,"tax_explanation":[]}`, false
}

// show returns the JSON of an invoice.
func (f *fake) show(inv map[string]any) string {
	body := object(inv)
	if f.fault == "forgets a cancellation that it has shown" {
		inv["status"] = "ISSUED"
	}
	return body
}

// strikes reports whether the fault occurs now, which it does once in n times.
func (f *fake) strikes(fault string, n int) bool { return f.fault == fault && rand.N(n) == 0 }

func (f *fake) folded(number string) string {
	if f.fault == "compares numbers with case" {
		return number
	}
	return strings.ToUpper(number)
}

func object(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func problem(status int, code string) (int, string, bool) {
	return status, object(map[string]any{"code": code}), false
}

// sale holds the members of a request that the fake reads.
type sale struct {
	Merchant string `json:"seller_merchant_id"`
	Buyer    string `json:"buyer_name"`
	Number   string `json:"invoice_number"`
	Series   string `json:"series"`
	Items    []struct {
		SKU      string `json:"sku"`
		Quantity int    `json:"quantity"`
	} `json:"items"`
}

func (f *fake) create(key string, body []byte) (int, string, bool) {
	var in sale
	_ = json.Unmarshal(body, &in)
	k := f.keys[key]
	switch {
	case k == nil || f.strikes("forgets a key", 10):
	case k.payload != in.Buyer && f.fault != "takes another payload":
		return problem(422, "idempotency_key_reused")
	case k.locked:
		return problem(409, "compensation_in_progress")
	case f.strikes("replays something else", 4):
		return 201, strings.Replace(k.body, `"Buyer"`, `"buyer"`, 1) + " ", true
	case f.fault == "replays what the invoice is now":
		return 201, object(f.stored[k.invoice]), true
	default:
		return 201, k.body, !f.strikes("replays unmarked", 4)
	}
	if !f.reserve(in) {
		return problem(409, "out_of_stock")
	}
	f.count++
	id, saga := fmt.Sprintf("invoice-%d", f.count), fmt.Sprintf("saga-%d", f.count)
	if in.Series != "" {
		in.Number = f.allocate(in)
	} else if f.owner[in.Merchant+f.folded(in.Number)] != "" {
		f.keys[key] = &keyRecord{payload: in.Buyer, locked: true}
		f.settle(in, saga, "COMPENSATED", func() { delete(f.keys, key) })
		return 409, object(map[string]any{"code": "invoice_number_taken", "saga_id": saga}), false
	}
	inv := map[string]any{
		"id": id, "saga_id": saga, "invoice_number": in.Number, "buyer_name": in.Buyer, "status": "ISSUED",
	}
	f.owner[in.Merchant+f.folded(in.Number)], f.stored[id] = id, inv
	f.sold[id] = in
	f.lists[in.Merchant] = append(f.lists[in.Merchant], inv)
	f.keys[key] = &keyRecord{payload: in.Buyer, body: object(inv), invoice: id}
	if f.strikes("cancels unasked", 20) {
		inv["status"] = "CANCELLED"
	}
	f.settle(in, saga, "COMPLETED", func() {})
	return 201, f.keys[key].body, false
}

func (f *fake) reserve(in sale) bool {
	item := in.Items[0]
	if item.SKU == "" {
		return true
	}
	b := f.levels[in.Merchant+item.SKU]
	if b[0] < item.Quantity && f.fault != "oversells" || f.strikes("refuses what there is", 20) {
		return false
	}
	b[0], b[1] = b[0]-item.Quantity, b[1]+item.Quantity
	if f.strikes("loses an update", 20) {
		b[0] += item.Quantity
	}
	return true
}

func (f *fake) allocate(in sale) string {
	if f.strikes("skips a number", 20) {
		f.next[in.Merchant]++
	}
	if !f.strikes("gives a number twice", 20) || f.next[in.Merchant] == 0 {
		f.next[in.Merchant]++
	}
	n := f.next[in.Merchant]
	if f.fault == "allocates out of order" { // swaps pairs of numbers
		n += 1 - 2*((n+1)%2)
	}
	return fmt.Sprintf("%s/2526/%04d", in.Series, n)
}

// settle ends a saga after a delay and sells or releases the reserved stock.
func (f *fake) settle(in sale, saga, state string, then func()) {
	f.sagas[saga] = map[string]string{"COMPLETED": "COMMITTED", "COMPENSATED": "COMPENSATING"}[state]
	f.later(saga, func() {
		if f.strikes("forgets a saga", 20) {
			return
		}
		f.sagas[saga] = state
		defer then()
		item := in.Items[0]
		if item.SKU == "" || state == "COMPENSATED" && f.fault == "keeps what it refused" {
			return
		}
		b, to := f.levels[in.Merchant+item.SKU], 2
		if state == "COMPENSATED" {
			to = 0
		}
		b[1] -= item.Quantity
		if !f.strikes("loses a sale", 20) {
			b[to] += item.Quantity
		}
	})
}

// later calls end after a delay, or when f.end is called before, once.
func (f *fake) later(saga string, end func()) {
	end = sync.OnceFunc(end)
	f.end[saga] = end
	time.AfterFunc(rand.N(60*time.Millisecond), func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		end()
	})
}
