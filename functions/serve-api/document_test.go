package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/document"
	"github.com/invochain/invochain/shared/document/documenttest"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/strictjson"
)

// signing is a handler over one invoice, with a key that signs documents.
type signing struct {
	list
	kms  *documenttest.KMS
	path string
}

func setupSigning(t *testing.T) signing {
	t.Helper()
	kms, err := documenttest.New()
	require.NoError(t, err)
	s := signing{setupList(t), kms, "/invoices/" + invoice.IDFromSaga("saga-1")}
	s.issue(t, 1, items(2, "x"))
	s.documents = document.NewSigner(kms, "arn")
	return s
}

func (s signing) read(t *testing.T, path, accept string) lambdaevents.APIGatewayProxyResponse {
	t.Helper()
	r := httpapi.Invoke(t.Context(), s.router().Handler(), lambdaevents.APIGatewayProxyRequest{
		HTTPMethod: http.MethodGet, Path: path, Headers: map[string]string{"Accept": accept},
	})
	header := http.Header{"Content-Type": {r.Headers["Content-Type"]}, "Vary": {r.Headers["Vary"]}}
	require.NoError(t, s.doc.Check(t.Context(), http.MethodGet, path, r.StatusCode, header, []byte(r.Body)))
	return r
}

// TestASignedInvoice verifies by the published key, and is the stored invoice.
func TestASignedInvoice(t *testing.T) {
	t.Parallel()
	s := setupSigning(t)
	r := s.read(t, s.path, "application/jose")
	require.Equal(t, http.StatusOK, r.StatusCode, r.Body)
	require.Equal(t, "application/jose", r.Headers["Content-Type"])
	require.Equal(t, "Accept", r.Headers["Vary"])

	published := s.read(t, "/.well-known/document-keys.json", "")
	require.Equal(t, "public, max-age=300", published.Headers["Cache-Control"])
	var keys jose.JSONWebKeySet
	require.NoError(t, json.Unmarshal([]byte(published.Body), &keys))
	require.Len(t, keys.Keys, 1)
	require.True(t, keys.Keys[0].IsPublic())

	signed, err := jose.ParseSignedCompact(r.Body, []jose.SignatureAlgorithm{jose.ES256})
	require.NoError(t, err)
	require.Equal(t, keys.Keys[0].KeyID, signed.Signatures[0].Protected.KeyID)
	require.Equal(t, document.Type, signed.Signatures[0].Protected.ExtraHeaders[jose.HeaderType])
	payload, err := signed.Verify(keys.Keys[0])
	require.NoError(t, err)
	stored, err := s.store.Load(t.Context(), invoice.IDFromSaga("saga-1"))
	require.NoError(t, err)
	want, err := strictjson.Marshal(stored)
	require.NoError(t, err)
	require.Equal(t, string(want), string(payload))
}

// TestJSONIsTheDefault also for a caller that accepts neither, and costs no signature.
func TestJSONIsTheDefault(t *testing.T) {
	t.Parallel()
	s := setupSigning(t)
	for _, accept := range []string{"", "*/*", "application/json", "text/html", "application/jose;q=0.1, */*;q=0.2"} {
		r := s.read(t, s.path, accept)
		require.Equal(t, http.StatusOK, r.StatusCode, accept)
		require.Equal(t, [2]string{"application/json", "Accept"}, [2]string{r.Headers["Content-Type"], r.Headers["Vary"]})
		require.Contains(t, r.Body, `"tax_explanation"`)
	}
	require.Zero(t, s.kms.Used)
}

// TestAnothersInvoiceIsNotSigned: it does not exist.
func TestAnothersInvoiceIsNotSigned(t *testing.T) {
	t.Parallel()
	s := setupSigning(t)
	s.guard = callertest.Guard(caller.Admin, "other")
	require.Equal(t, http.StatusNotFound, s.read(t, s.path, "application/jose").StatusCode)
	require.Zero(t, s.kms.Used)
}

// TestASignatureFailsAlone: JSON is served while KMS is away.
func TestASignatureFailsAlone(t *testing.T) {
	t.Parallel()
	s := setupSigning(t)
	s.kms.Err = http.ErrHandlerTimeout
	r := s.read(t, s.path, "application/jose")
	require.Equal(t, http.StatusServiceUnavailable, r.StatusCode)
	require.Equal(t, "1", r.Headers["Retry-After"])
	require.Equal(t, http.StatusServiceUnavailable, s.read(t, "/.well-known/document-keys.json", "").StatusCode)
	require.Equal(t, http.StatusOK, s.read(t, s.path, "application/json").StatusCode)
}

// TestALongSignedInvoiceFitsLambdasAnswer: each line has findings and quotes, as in a long preview.
func TestALongSignedInvoiceFitsLambdasAnswer(t *testing.T) {
	t.Parallel()
	req, err := gst.ParseRequest([]byte(thousand(func() string { return strings.Repeat(`\"`, 300) })))
	require.NoError(t, err)
	inv, err := gst.Assess(req, gst.Seller{GSTIN: "27AABCU9603R1ZN", Compliance: gst.Advise}, "")
	require.NoError(t, err)
	kms, err := documenttest.New()
	require.NoError(t, err)
	r, err := handler{documents: document.NewSigner(kms, "arn")}.signedInvoice(t.Context(), inv)
	require.NoError(t, err)
	require.Greater(t, len(r.Body), 1_000_000)
	require.Less(t, len(r.Body), maxAnswer-1024)
}
