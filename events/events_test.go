package events_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/gst"
)

// decoders returns the Go type of each message.
func decoders() map[string]func() any {
	event := func() any { return &events.Event{} }
	return map[string]func() any{
		events.InvoiceCreated: event, events.InvoiceCancelled: event, events.InvoiceCompensated: event,
		events.SagaStuck: event, events.SagaStepFailed: event, events.InvoiceRefused: event,
		"order.completed":  func() any { return &events.InvoiceRequest{} },
		"invoice-requests": func() any { return &events.InvoiceRequest{} },
		"audit":            func() any { return &events.AuditRequest{} },
		"publish":          func() any { return &events.PublishRequest{} },
		"compensation-dlq": func() any { return &events.CompensationFailed{} },
	}
}

func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(filepath.Join("schema", name+".json"))
	require.NoError(t, err)
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, body []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	require.NoError(t, err)
	return s.Validate(v)
}

func TestSamplesValidateAndRoundTrip(t *testing.T) {
	files, err := filepath.Glob("samples/*.json")
	require.NoError(t, err)
	numbered := regexp.MustCompile(`-\d+$`)
	seen := map[string]bool{}
	for _, file := range files {
		name := numbered.ReplaceAllString(strings.TrimSuffix(filepath.Base(file), ".json"), "")
		seen[name] = true
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, validate(t, schema(t, name), body))
			v := decoders()[name]()
			d := json.NewDecoder(bytes.NewReader(body))
			d.DisallowUnknownFields()
			require.NoError(t, d.Decode(v))
			again, err := json.Marshal(v)
			require.NoError(t, err)
			require.JSONEq(t, string(body), string(again))
		})
	}
	require.Len(t, seen, len(decoders()), "every message has a sample")
}

func TestSchemasRefuseUnknownAndMissingFields(t *testing.T) {
	for name := range decoders() {
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("samples", name+".json"))
			require.NoError(t, err)
			unknown := bytes.Replace(body, []byte("{"), []byte(`{"unknown":1,`), 1)
			require.Error(t, validate(t, schema(t, name), unknown))
			require.Error(t, validate(t, schema(t, name), []byte(`{}`)))
		})
	}
}

func TestNewEventsAreValid(t *testing.T) {
	const sagaID = "63bz67kielcqkvl23hoqjzk6tl-vf6obuidsd"
	e, err := events.New(events.InvoiceCreated, sagaID, "m", "2025-11-26T10:15:30Z", events.Document{
		InvoiceID: "5cc6f403-c9ae-80f9-bdd0-b43115a42a39", InvoiceNumber: "A-1", DocumentType: gst.TypeInvoice,
		InvoiceDate: "2025-11-26", Total: 1770050, Currency: "INR",
	})
	require.NoError(t, err)
	body, err := json.Marshal(e)
	require.NoError(t, err)
	require.NoError(t, validate(t, schema(t, "invoice.created"), body))
	require.Contains(t, string(body), `"total":17700.5`)
}
