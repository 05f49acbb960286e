//go:build integration

package integration_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/tests/framework/data"
	"github.com/invochain/invochain/tests/framework/stack"
)

// document is one of the register of a month, with the totals that were computed without this program.
type document struct {
	Totals  data.Expected
	Request json.RawMessage

	key string
}

// register returns the documents of shared/gst/testdata as those of a merchant, originals before their notes.
func register(t *testing.T, merchant string) (all []document) {
	t.Helper()
	file, err := os.Open("../../shared/gst/testdata/register.jsonl")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	for s := bufio.NewScanner(file); s.Scan(); {
		d := document{key: client.NewKey()}
		of := strings.Replace(s.Text(), `"merchant-golden"`, `"`+merchant+`"`, 1)
		require.NoError(t, json.Unmarshal([]byte(of), &d))
		req, err := gst.ParseRequest(d.Request)
		require.NoError(t, err)
		d.Totals.InvoiceNumber, d.Totals.SGST = req.InvoiceNumber, d.Totals.CGST
		all = append(all, d)
	}
	require.Len(t, all, 15)
	return all
}

// TestRegisterOfAMonth issues 15 documents of each supply type over HTTP for one merchant, and from the queue
// for another. Both have the totals of the register, and no findings but the names of buyers, which it lacks.
func TestRegisterOfAMonth(t *testing.T) {
	t.Parallel()
	t.Run("HTTP", func(t *testing.T) {
		t.Parallel()
		f := setup(t)
		for _, d := range register(t, f.merchant(t, "advise")) {
			f.requireAsRegistered(t, d, "")
		}
	})
	t.Run("queue", func(t *testing.T) {
		t.Parallel()
		f := setup(t)
		m := f.merchant(t, "advise")
		documents := register(t, m)
		const firstNote = 12
		f.sendRegister(t, m, documents[:firstNote], firstNote)
		f.sendRegister(t, m, documents[firstNote:], len(documents))
		for _, d := range documents {
			f.requireAsRegistered(t, d, "true")
		}
	})
}

// sendRegister sends documents to the queue, and waits until the merchant has as many as are wanted: a note
// must find its original.
func (f *fixture) sendRegister(t *testing.T, m string, documents []document, wanted int) {
	t.Helper()
	for _, d := range documents {
		f.send(t, deployment.RequestsQueue, requestOf(d.key, string(d.Request)))
	}
	require.NoError(t, stack.Await(t.Context(), time.Minute, func() (bool, error) {
		return len(f.invoices(t, m)) == wanted, nil
	}))
}

// requireAsRegistered posts a document and compares what is issued, or was: then it is a replay.
func (f *fixture) requireAsRegistered(t *testing.T, d document, replayed string) {
	t.Helper()
	r := f.create(t, d.key, string(d.Request))
	require.Equal(t, http.StatusCreated, r.Status, "%s: %s", d.Totals.InvoiceNumber, r.Body)
	require.Equal(t, replayed, r.Header.Get("X-Idempotent-Replayed"))
	require.Equal(t, d.Totals, totals(t, r.Body))
	var inv gst.Invoice
	require.NoError(t, json.Unmarshal(r.Body, &inv))
	require.Equal(t, gst.IsNote(inv.DocumentType), inv.OriginalInvoiceID != "", "a note is bound to its original")
	want := []string{}
	if inv.SupplyType != gst.B2C {
		want = []string{"buyer_name_missing", "buyer_address_missing"}
	}
	found := []string{}
	for _, finding := range inv.Compliance.Findings {
		if finding.Code != "date_too_old" { // the register does not become younger
			found = append(found, finding.Code)
		}
	}
	require.Equal(t, want, found, inv.InvoiceNumber)
}
