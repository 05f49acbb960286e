//go:build integration

package integration_test

import (
	"bufio"
	"encoding/json"
	"flag"
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

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/tests/framework/stack"
)

// person is a buyer whose data is sent in every field that can hold it.
type person struct{ name, address, mail, gstin string }

func asha() person {
	return person{"Asha Ramanathan", "7 Gulmohar Lane, Nashik", "asha.ramanathan@example.org", "27AAPFU0939F1ZV"}
}

// TestMain runs up to eight tests in parallel, since most of them wait, and searches the
// log of the whole run at its end.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "8")
	code := m.Run()
	for _, leak := range leaks() {
		fmt.Println("personal data in the log:", leak)
		code = 1
	}
	os.Exit(code)
}

// leaks returns log lines with personal data: anything that looks like a GSTIN or a mail
// address, and every GSTIN, name and address in the run's requests.
func leaks() []string {
	f, err := os.Open(os.Getenv("INVOCHAIN_FUNCTION_LOG"))
	if err != nil {
		return []string{err.Error()}
	}
	defer func() { _ = f.Close() }()
	// A GSTIN has word boundaries: inside a random id the pattern may match by chance.
	private := regexp.MustCompile(`(?i)\b[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]\b|` +
		`[\w.+-]+@[\w-]+\.\w+|` + strings.Join(buyers(), "|"))
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

// buyers returns patterns of the GSTINs, names and addresses in tests/framework/data, and
// of Asha's.
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

// private is a request with a person's data in every field that can hold it.
func private(m string, p person) string {
	b, _ := json.Marshal(map[string]any{
		"series": "P", "seller_merchant_id": m, "buyer_gstin": p.gstin, "buyer_name": p.name, "buyer_address": p.address,
		"buyer_email": p.mail, "buyer_reference": p.name, "notes": "for " + p.name,
		"metadata": map[string]string{"contact": p.mail, "for": p.name},
		"ship_to": map[string]string{
			"name": p.name, "address": p.address, "city": "Pune", "state": "27", "pin": "411001",
		},
		"invoice_date": "2025-11-26", "items": []any{map[string]any{
			"sku": "SKU", "description": p.name + " " + p.mail, "hsn": "732393",
			"quantity": 1, "unit": "NOS", "unit_price": "250.00", "gst_rate": 18,
		}},
	})
	return string(b)
}

// TestBuyersAreNotLogged sends a buyer's data in valid fields, and in paths, queries, keys,
// field names and invalid values, to the API and to the queue. TestMain searches the log at
// the end of the run.
func TestBuyersAreNotLogged(t *testing.T) {
	t.Parallel()
	f, p := setup(t), asha()
	require.NotEmpty(t, buyers()[4:], "the buyers of tests/framework/data are included")
	strict, m := f.merchant(t, "strict"), f.merchant(t, "advise")
	f.stock(t, m, "SKU", 2)
	f.stock(t, strict, "SKU", 10)
	good := private(m, p)
	issued := f.create(t, client.NewKey(), good)
	require.Equal(t, http.StatusCreated, issued.Status, "%s", issued.Body)
	unregistered := f.create(t, client.NewKey(), private(m, person{p.name, p.address, p.mail, ""}))
	require.Equal(t, http.StatusCreated, unregistered.Status, "%s", unregistered.Body)
	require.Equal(t, http.StatusConflict, f.create(t, client.NewKey(), good).Status, "out of stock")
	remark := fmt.Sprintf(`{"reason":"other","remark":%q}`, p.name+" "+p.mail)
	require.Equal(t, http.StatusAccepted, f.cancel(t, client.NewKey(), issued.Field("id"), remark).Status)
	wrong := []string{
		private(strict, person{p.name, p.address, p.mail, "27AAPFU0939F1ZX"}), // wrong checksum
		private(strict, person{p.name, p.address, p.mail, p.mail}),
		strings.Replace(good, `"buyer_name"`, `"`+p.mail+`":1,"buyer_name"`, 1),
		strings.Replace(good, `"2025-11-26"`, `"`+p.name+`"`, 1),
		strings.Replace(good, `"series":"P"`, `"invoice_number":"`+p.mail+`"`, 1),
		strings.Replace(good, m, p.mail, 1),
		`{"` + p.mail,
	}
	queue := aws.String(f.Vars(deployment.RequestsQueue))
	for i, body := range wrong {
		as := f
		if i < 2 {
			as = f.as(t, strict)
		}
		r := as.create(t, client.NewKey(), body)
		require.GreaterOrEqual(t, r.Status, 400, "%s", r.Body)
		require.Less(t, r.Status, 500, "%s", r.Body)
		message := fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, client.NewKey(), body)
		_, err := f.SQS.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue, MessageBody: &message})
		require.NoError(t, err)
	}
	f.create(t, p.mail, good)
	movement := fmt.Sprintf(`{"merchant_id":%q,"delta":1,"reason":%q}`, m, "returned by "+p.name+" "+p.mail)
	r := f.call(t, http.MethodPost, "/inventory/SKU/movements", []byte(movement),
		"Content-Type", "application/json", "Idempotency-Key", client.NewKey())
	require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
	for _, path := range []string{"/invoices/", "/sagas/", "/merchants/", "/inventory/", "/nowhere/"} {
		_, err := f.Call(t.Context(), http.MethodGet, path+p.mail+"?merchant_id="+p.mail+"&"+p.mail+"=1", nil)
		require.NoError(t, err)
	}
	// Other tests that run in parallel fill the same queues.
	require.NoError(t, stack.Await(t.Context(), 2*time.Minute, func() (bool, error) {
		n, err := f.Backlog(t.Context())
		return n == 0, err
	}))
}
