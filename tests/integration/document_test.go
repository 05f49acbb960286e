//go:build integration

package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/tests/framework/registration"
)

// TestASignedInvoiceVerifiesWithThePublishedKey: as any JOSE library would verify it.
func TestASignedInvoiceVerifiesWithThePublishedKey(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	issued := f.create(t, client.NewKey(), numbered(m, "A-1"))
	require.Equal(t, http.StatusCreated, issued.Status, "%s", issued.Body)
	path := "/invoices/" + issued.Field("id")
	r := f.as(t, m).call(t, http.MethodGet, path, nil, "Accept", "application/jose, application/json;q=0.5")
	require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
	require.Equal(t, "application/jose", r.Header.Get("Content-Type"))
	signed, err := jose.ParseSignedCompact(string(r.Body), []jose.SignatureAlgorithm{jose.ES256})
	require.NoError(t, err)
	header := signed.Signatures[0].Protected
	require.Equal(t, "invoice+jws", header.ExtraHeaders[jose.HeaderType])

	var keys, tokens jose.JSONWebKeySet
	require.NoError(t, json.Unmarshal(f.call(t, http.MethodGet, "/.well-known/document-keys.json", nil).Body, &keys))
	require.NoError(t, json.Unmarshal(f.call(t, http.MethodGet, "/.well-known/jwks.json", nil).Body, &tokens))
	require.Len(t, keys.Key(header.KeyID), 1)
	require.Empty(t, tokens.Key(header.KeyID), "the key signs no tokens")
	payload, err := signed.Verify(keys.Key(header.KeyID)[0])
	require.NoError(t, err)
	require.JSONEq(t, string(issued.Body), string(payload))
}

// TestAClosedMonthIsClosed from the answer on, for a merchant's admin too.
func TestAClosedMonthIsClosed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	m := f.merchant(t, "advise")
	key := client.NewKey()
	first := f.create(t, key, numbered(m, "A-1"))
	require.Equal(t, http.StatusCreated, first.Status, "%s", first.Body)
	admin := f.as(t, m)
	through := func(month string) client.Reply {
		body := fmt.Sprintf(`{"name":"Test Traders","gstin":%q,"compliance":"advise","closed_through":%q}`,
			registration.GSTIN("27", m), month)
		return admin.call(t, http.MethodPut, "/merchants/"+m, []byte(body), "Content-Type", "application/json")
	}
	month := first.Field("invoice_date")[:len("2006-01")]
	closed := through(month)
	require.Equal(t, http.StatusOK, closed.Status, "%s", closed.Body)
	require.NotEmpty(t, closed.Field("final_at"))
	refused := f.create(t, client.NewKey(), numbered(m, "A-2"))
	require.Equal(t, []any{http.StatusConflict, "period_closed"}, []any{refused.Status, refused.Field("code")})
	again := f.create(t, key, numbered(m, "A-1"))
	require.Equal(t, string(first.Body), string(again.Body), "a key that has an answer gets it")
	require.Equal(t, "period_reopen_forbidden", through("2017-07").Field("code"))
	require.Equal(t, "period_not_ended", through("2099-12").Field("code"))
}
