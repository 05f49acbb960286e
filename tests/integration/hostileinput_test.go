//go:build integration

package integration_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/durable/listing"
)

// generator makes hostile values of path and query parameters.
type generator struct{ *rand.Rand }

func (g generator) pick(values ...string) string { return values[g.IntN(len(values))] }

// value returns a value of any kind and of a length around the bounds: of a SKU, of a query
// parameter, and of a DynamoDB key.
func (g generator) value() string {
	text := g.pick("a", "A1", "é", "शर्मा", "🥭", " ", "'", `"`, "\\", "#", "\x00", "\n", "..", "/", "%", "+", "$")
	lengths := []int{1, 2, 26, 36, 37, 64, 65, 256, 257, 1025, 2049, 3000}
	return strings.Repeat(text, 1+lengths[g.IntN(len(lengths))]/len(text))
}

func (g generator) path(pattern string) string {
	var segments []string
	for s := range strings.SplitSeq(pattern, "/") {
		if strings.HasPrefix(s, "{") {
			s = url.PathEscape(g.value())
		}
		segments = append(segments, s)
	}
	return strings.Join(segments, "/")
}

func (g generator) query(merchant string) string {
	q := url.Values{}
	if g.IntN(4) > 0 {
		q.Set("merchant_id", merchant)
	}
	for range g.IntN(4) {
		name := g.pick("merchant_id", "cursor", "limit", "expand", "invoice_number", "document_type", "financial_year",
			"status", "from", "to", "buyer_gstin", "reference", "external_id", "state", g.value())
		q.Add(name, g.pick(g.value(), g.forged(merchant), "2526", "INV", "1", "document", "ISSUED", "STUCK", "2025-11-26",
			"29AABCU9603R1ZJ", ""))
	}
	return q.Encode()
}

// forged returns a cursor of the merchant's own lists that no list returned.
func (g generator) forged(merchant string) string {
	query := g.pick(merchant, merchant+"\n", merchant+"\nSTUCK", merchant+"\n\nISSUED")
	position := g.pick(g.value(), g.value()+"#"+g.value(), "2025-11-26T00:00:00.000Z#"+strings.Repeat("a", 36),
		"1#"+strings.Repeat("a", 26)+"#CURRENT", "-1#"+strings.Repeat("a", 26)+"#"+g.value(), "SKU")
	return listing.Cursor(query, position)
}

// maxTarget is the bound of a generated path and query in bytes. API Gateway takes at most 10,240
// bytes of request line and headers; LocalStack closes a connection above 16,384 of request line.
const maxTarget = 8000

// TestNoInputIsAServerError calls all routes with generated paths and queries. Each answer is
// one that the API describes, and none blames the service.
func TestNoInputIsAServerError(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	seed := rand.Uint64()
	g := generator{rand.New(rand.NewPCG(seed, 0))}
	operations := f.doc.Operations()
	slices.Sort(operations)
	for range 300 {
		method, pattern, _ := strings.Cut(g.pick(operations...), " ")
		if pattern == "/health/ready" {
			continue // other tests take dependencies away
		}
		path := g.path(pattern)
		if q := g.query(m); q != "" {
			path += "?" + q
		}
		if len(path) > maxTarget {
			continue
		}
		r := f.call(t, method, path, []byte(`{"on_hand":1}`),
			"Content-Type", "application/json", "Idempotency-Key", client.NewKey())
		require.Less(t, r.Status, http.StatusInternalServerError, "seed %d: %s %s: %s", seed, method, path, r.Body)
		require.LessOrEqual(t, len(r.Body), max(256<<10, len(events.OpenAPI())))
	}
}
