package contract_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/metric"
	"github.com/invochain/invochain/tests/contract"
)

// operations calls check with each operation of the API's description.
func operations(t *testing.T, check func(name string, item *openapi3.PathItem, op *openapi3.Operation)) {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(events.OpenAPI())
	require.NoError(t, err)
	for path, item := range spec.Paths.Map() {
		for method, op := range item.Operations() {
			check(method+" "+path, item, op)
		}
	}
}

// TestStepsAreDescribed: a timeline names the steps that the code takes.
func TestStepsAreDescribed(t *testing.T) {
	t.Parallel()
	spec, err := openapi3.NewLoader().LoadFromData(events.OpenAPI())
	require.NoError(t, err)
	taken := spec.Components.Schemas["Saga"].Value.Properties["steps"].Value.Items.Value
	var names []string
	for _, name := range taken.Properties["name"].Value.Enum {
		names = append(names, name.(string))
	}
	require.ElementsMatch(t, metric.Values(metric.SagaStepDuration, "step"), names)
}

// fields calls check with each property of a schema, and of the schemas in it.
func fields(path string, s *openapi3.Schema, check func(path string, s *openapi3.Schema)) {
	for name, property := range s.Properties {
		check(path+"."+name, property.Value)
		fields(path+"."+name, property.Value, check)
	}
	if s.Items != nil {
		fields(path+"[]", s.Items.Value, check)
	}
}

func TestWhatACallerSendsIsDescribed(t *testing.T) {
	t.Parallel()
	operations(t, func(name string, item *openapi3.PathItem, op *openapi3.Operation) {
		for _, p := range append(item.Parameters, op.Parameters...) {
			require.NotEmpty(t, p.Value.Description, "%s: parameter %s", name, p.Value.Name)
		}
		if op.RequestBody == nil {
			return
		}
		for _, media := range op.RequestBody.Value.Content {
			require.NotEmpty(t, media.Examples, "%s: examples", name)
			fields(name, media.Schema.Value, func(path string, s *openapi3.Schema) {
				require.NotEmpty(t, s.Description, path)
			})
		}
	})
}

// TestEveryOperationDescribesTheGateway: it throttles, and answers for a function that does not;
// the router refuses other methods.
func TestEveryOperationDescribesTheGateway(t *testing.T) {
	t.Parallel()
	operations(t, func(name string, _ *openapi3.PathItem, op *openapi3.Operation) {
		for _, status := range []int{
			http.StatusMethodNotAllowed, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusGatewayTimeout,
		} {
			require.NotNil(t, op.Responses.Status(status), "%s: %d", name, status)
		}
	})
}

// TestAnAnswerLinksToWhatItNames: a 201 to the invoice and its saga, a 202 to the saga.
func TestAnAnswerLinksToWhatItNames(t *testing.T) {
	t.Parallel()
	operations(t, func(name string, _ *openapi3.PathItem, op *openapi3.Operation) {
		if name != "POST /invoices" {
			return
		}
		linked := map[string]any{}
		for status, response := range op.Responses.Map() {
			for _, link := range response.Value.Links {
				linked[status+" "+link.Value.OperationID] = link.Value.Parameters["id"]
			}
		}
		require.Equal(t, map[string]any{
			"201 getInvoice": "$response.body#/id",
			"201 getSaga":    "$response.body#/saga_id",
			"202 getSaga":    "$response.body#/saga_id",
		}, linked)
	})
}

func examples(t *testing.T, method, path string) map[string][]byte {
	t.Helper()
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	found, err := doc.Examples(method, path)
	require.NoError(t, err)
	require.NotEmpty(t, found, "%s %s", method, path)
	return found
}

func accepts(t *testing.T, s *jsonschema.Schema, body []byte) bool {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	require.NoError(t, err)
	return s.Validate(v) == nil
}

// TestExamplesOfInvoices: there is one of each supply type and of each document type, it is valid,
// and a strict merchant may issue it.
func TestExamplesOfInvoices(t *testing.T) {
	t.Parallel()
	requests := examples(t, http.MethodPost, "/invoices")
	s, shown := schema(t, "components/schemas/InvoiceRequest"), map[string]bool{}
	for name, raw := range requests {
		require.True(t, accepts(t, s, raw), name)
		req, err := gst.ParseRequest(raw)
		require.NoError(t, err, name)
		inv, err := gst.Assess(req, gst.Seller{GSTIN: "27AABCU9603R1ZN", Compliance: gst.Strict}, "")
		require.NoError(t, err, name)
		require.Empty(t, inv.Compliance.Findings, name)
		taxed := inv.Totals.CGST+inv.Totals.SGST+inv.Totals.IGST > 0
		untaxed := strings.HasSuffix(inv.SupplyType, "WOP") || inv.DocumentType == gst.TypeBillOfSupply
		require.Equal(t, !untaxed, taxed, name)
		shown[inv.DocumentType], shown[inv.SupplyType] = true, true
		if inv.SupplyType == gst.B2B && inv.Totals.IGST > 0 {
			shown["inter-state"] = true
		}
		if inv.SupplyType == gst.B2B && inv.Totals.CGST > 0 {
			shown["intra-state"] = true
		}
	}
	for _, kind := range []string{
		gst.B2B, gst.B2C, gst.SEZWP, gst.SEZWOP, gst.EXPWP, gst.EXPWOP, gst.DEXP, "inter-state", "intra-state",
		gst.TypeInvoice, gst.TypeCreditNote, gst.TypeDebitNote, gst.TypeBillOfSupply, gst.TypeInvoiceBill,
	} {
		require.True(t, shown[kind], "no example of %s", kind)
	}
}

// TestSamplesOfMessages: the first sample of a request at the queue could be filed, the second is
// the smallest that an adviser accepts.
func TestSamplesOfMessages(t *testing.T) {
	t.Parallel()
	for name, text := range files(t, "events/samples", ".json") {
		if !strings.Contains(name, "invoice-requests") && !strings.Contains(name, "order.completed") {
			continue
		}
		in, err := issuance.ParseMessage(text)
		require.NoError(t, err, name)
		inv, err := gst.Assess(in.Request, gst.Seller{GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise}, "")
		require.NoError(t, err, name)
		require.Equal(t, strings.Contains(name, "-2."), len(inv.Compliance.Findings) > 0, name)
	}
}

// TestExamplesOfOtherRequests are accepted by the schema and by the server.
func TestExamplesOfOtherRequests(t *testing.T) {
	t.Parallel()
	for operation, tc := range map[string]struct {
		schema string
		parse  func([]byte) error
	}{
		"PUT /merchants/{id}":             {"MerchantRequest", parseProfile},
		"PUT /inventory/{sku}":            {"StockRequest", parseCount},
		"POST /inventory/{sku}/movements": {"MovementRequest", parseMovement},
	} {
		method, path, _ := strings.Cut(operation, " ")
		requests := examples(t, method, path)
		for name, raw := range requests {
			require.True(t, accepts(t, schema(t, "components/schemas/"+tc.schema), raw), "%s: %s", operation, name)
			require.NoError(t, tc.parse(raw), "%s: %s", operation, name)
		}
	}
}
