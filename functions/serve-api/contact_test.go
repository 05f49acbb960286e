package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/privacy"
)

// sealed stores an invoice to an unregistered buyer under a key of the buyer, and returns its id.
func (l list) sealed(t *testing.T, n int, number string) (string, privacy.Key) {
	t.Helper()
	key := privacy.NewKey()
	put, err := l.buyers.PutKey("m", "s", key)
	require.NoError(t, err)
	_, err = l.db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{put},
	})
	require.NoError(t, err)
	l.put(t, n, map[string]any{
		"seller_merchant_id": "m", "invoice_date": "2025-11-26", "invoice_number": number, "items": items(1, "x"),
		"buyer_name": "Asha Rao", "buyer_email": "asha@example.org", "buyer_reference": "C-7",
	}, key)
	return invoice.IDFromSaga("saga-1"), key
}

// erase erases the key at the epoch, which the handler's clock shows.
func (l list) erase(t *testing.T, key privacy.Key) {
	t.Helper()
	mark := dynamo.Key("SUBJECT#m#s", "ERASED#"+key.ID())
	mark["erased_at"] = dynamo.N(0)
	_, err := l.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &l.keys, Item: mark})
	require.NoError(t, err)
	_, err = l.db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: &l.keys, Key: dynamo.Key("SUBJECT#m#s", "CONTACT"),
	})
	require.NoError(t, err)
}

// shown returns the invoice as each route that shows it does, summaries aside.
func (l list) shown(t *testing.T, id string) map[string]map[string]any {
	t.Helper()
	r := httpapi.Invoke(t.Context(), l.router().Handler(), lambdaevents.APIGatewayProxyRequest{
		HTTPMethod: http.MethodGet, Path: "/invoices/" + id,
	})
	header := http.Header{"Content-Type": {r.Headers["Content-Type"]}}
	require.NoError(t, l.doc.Check(t.Context(), http.MethodGet, "/invoices/"+id, r.StatusCode, header, []byte(r.Body)))
	var byID map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.Body), &byID))
	shown := map[string]map[string]any{"by id": byID}
	for name, q := range map[string]url.Values{
		"expanded": {"expand": {"document"}}, "by number": {"invoice_number": {"N-1"}, "financial_year": {"2526"}},
	} {
		shown[name] = l.only(t, q)
	}
	return shown
}

// only returns the only invoice of a list.
func (l list) only(t *testing.T, q url.Values) map[string]any {
	t.Helper()
	status, body, _ := l.get(t, q)
	require.Equal(t, http.StatusOK, status, "%s", body)
	var page invoicePage
	require.NoError(t, json.Unmarshal(body, &page))
	require.Len(t, page.Invoices, 1)
	return page.Invoices[0]
}

func TestAContactIsShownUntilItIsErased(t *testing.T) {
	t.Parallel()
	l := setupList(t)
	id, key := l.sealed(t, 1, "N-1")
	for name, inv := range l.shown(t, id) {
		require.Equal(t, "Asha Rao", inv["buyer_name"], name)
		require.Equal(t, "asha@example.org", inv["buyer_email"], name)
		require.Equal(t, "C-7", inv["buyer_reference"], name)
		require.NotContains(t, inv, "contact_erased_at", name)
	}
	require.Equal(t, "Asha Rao", l.only(t, url.Values{})["buyer_name"])

	l.erase(t, key)
	l.invoices = invoice.NewStore(l.db, l.table).WithContacts(privacy.NewStore(l.db, l.keys, l.now)) // remembers nothing
	for name, inv := range l.shown(t, id) {
		require.Equal(t, "1970-01-01T00:00:00Z", inv["contact_erased_at"], name)
		for _, field := range []string{"buyer_name", "buyer_email", "buyer_reference"} {
			require.NotContains(t, inv, field, name)
		}
	}
	require.NotContains(t, l.only(t, url.Values{}), "buyer_name")
}
