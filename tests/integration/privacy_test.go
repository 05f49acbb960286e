//go:build integration

package integration_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/framework/stack"
)

// person is a buyer whose data is sent in every place where a request has room for it.
type person struct{ name, address, mail, gstin string }

func asha() person {
	return person{"Asha Ramanathan", "7 Gulmohar Lane, Nashik", "asha.ramanathan@example.org", "27AAPFU0939F1ZV"}
}

// TestMain looks through the log of the whole run when it is over, whichever tests it was.
func TestMain(m *testing.M) {
	code := m.Run()
	for _, leak := range leaks() {
		fmt.Println("personal data in the log:", leak)
		code = 1
	}
	os.Exit(code)
}

// leaks are log lines that hold what a buyer would not want there: anything that looks
// like a GSTIN or a mail address, and every GSTIN, name and address that the run's requests had.
func leaks() []string {
	f, err := os.Open(os.Getenv("INVOCHAIN_FUNCTION_LOG"))
	if err != nil {
		return []string{err.Error()}
	}
	defer func() { _ = f.Close() }()
	// A GSTIN stands between word boundaries: within a random id its shape is chance.
	private := regexp.MustCompile(`(?i)\b[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]\b|[\w.+-]+@[\w-]+\.\w+|` + strings.Join(buyers(), "|"))
	var found []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if hit := private.FindString(lines.Text()); hit != "" && len(found) < 10 {
			found = append(found, hit+" in "+lines.Text())
		}
	}
	return found
}

// buyers are the GSTINs, names and addresses of the requests in tests/framework/data, and Asha's.
func buyers() []string {
	all := []string{regexp.QuoteMeta(asha().name), regexp.QuoteMeta(asha().address), asha().gstin}
	data, err := os.ReadFile("../framework/data/invoices.jsonl")
	if err != nil {
		return append(all, "") // matches every line
	}
	for line := range strings.Lines(string(data)) {
		var r struct {
			Invoice struct {
				GSTIN   string `json:"buyer_gstin"`
				Name    string `json:"buyer_name"`
				Address string `json:"buyer_address"`
			}
		}
		if json.Unmarshal([]byte(line), &r) == nil {
			for _, v := range []string{r.Invoice.GSTIN, r.Invoice.Name, r.Invoice.Address} {
				if v != "" {
					all = append(all, regexp.QuoteMeta(v))
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// private is a request that is full of a person.
func private(m string, p person) string {
	b, _ := json.Marshal(map[string]any{
		"series": "P", "seller_merchant_id": m, "buyer_gstin": p.gstin, "buyer_name": p.name, "buyer_address": p.address,
		"invoice_date": "2025-11-26", "items": []any{map[string]any{
			"sku": "SKU", "description": p.name + " " + p.mail, "hsn": "732393", "quantity": 1, "unit": "NOS", "unit_price": "250.00", "gst_rate": 18,
		}},
	})
	return string(b)
}

// TestBuyersAreNotLogged sends a buyer's data where it belongs and where it does not:
// in paths, queries, keys, field names and values that are refused, at both doors. The
// log is looked through at the end of the run.
func TestBuyersAreNotLogged(t *testing.T) {
	t.Parallel()
	s, p := open(t), asha()
	require.NotEmpty(t, buyers()[4:], "those of tests/framework/data are looked for")
	m, strict := s.merchant(t, "advise"), s.merchant(t, "strict")
	s.stock(t, m, "SKU", 1)
	s.stock(t, strict, "SKU", 10)
	good := private(m, p)
	require.Equal(t, http.StatusCreated, s.create(t, stack.NewKey(), good).Status)
	require.Equal(t, http.StatusConflict, s.create(t, stack.NewKey(), good).Status, "out of stock")
	wrong := []string{
		private(strict, person{p.name, p.address, p.mail, "27AAPFU0939F1ZX"}), // its checksum
		private(strict, person{p.name, p.address, p.mail, p.mail}),
		strings.Replace(good, `"buyer_name"`, `"`+p.mail+`":1,"buyer_name"`, 1),
		strings.Replace(good, `"2025-11-26"`, `"`+p.name+`"`, 1),
		strings.Replace(good, `"series":"P"`, `"invoice_number":"`+p.mail+`"`, 1),
		strings.Replace(good, m, p.mail, 1),
		`{"` + p.mail,
	}
	queue := aws.String(s.Vars("INVOCHAIN_REQUESTS_QUEUE_URL"))
	for _, body := range wrong {
		r := s.create(t, stack.NewKey(), body)
		require.GreaterOrEqual(t, r.Status, 400, "%s", r.Body)
		require.Less(t, r.Status, 500, "%s", r.Body)
		message := fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, stack.NewKey(), body)
		_, err := s.SQS.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue, MessageBody: &message})
		require.NoError(t, err)
	}
	s.create(t, p.mail, good)
	for _, path := range []string{"/invoices/", "/sagas/", "/merchants/", "/inventory/", "/nowhere/"} {
		_, err := s.Call(t.Context(), http.MethodGet, path+p.mail+"?merchant_id="+p.mail+"&"+p.mail+"=1", nil)
		require.NoError(t, err)
	}
	require.NoError(t, stack.Await(t.Context(), time.Minute, func() (bool, error) {
		n, err := s.Backlog(t.Context())
		return n == 0, err
	}))
}
