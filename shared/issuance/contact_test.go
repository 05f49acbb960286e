package issuance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/privacy"
)

// asha is an unregistered buyer in every field that a contact has.
func asha() gst.BuyerDetails {
	return gst.BuyerDetails{
		BuyerReference: "CUST-7", BuyerEmail: "asha@example.org", BuyerPhone: "9822012345", BuyerTradeName: "Asha Crafts",
		BuyerNameLocal: "आशा", BuyerCity: "Nashik", BuyerPIN: "422001", BuyerState: "27",
	}
}

// retail is a request for a sale to Asha below the legal limit.
func retail(t *testing.T, number string) gst.Request {
	t.Helper()
	req := request(t, number, "SKU", 1)
	req.BuyerGSTIN, req.BuyerName, req.BuyerAddress = "", "Asha Ramanathan", "7 Gulmohar Lane"
	req.BuyerDetails = asha()
	return req
}

// contactTexts are what must not be readable.
func contactTexts() []string {
	return []string{
		"CUST-7", "asha@example.org", "9822012345", "Asha Crafts", "आशा", "Nashik", "422001", "Asha Ramanathan",
		"7 Gulmohar Lane",
	}
}

// get reads an invoice as another instance of the API does.
func (f *fixture) get(t *testing.T, id string) (gst.Invoice, error) {
	t.Helper()
	buyers := privacy.NewStore(f.db, f.tables.Keys, f.now)
	return f.issuer.Invoices.WithContacts(buyers).Get(t.Context(), caller.ActingFor(merchantID), id)
}

// item returns an invoice's item.
func (f *fixture) item(t *testing.T, id string) dynamo.Item {
	t.Helper()
	out, err := f.db.Client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &f.tables.Invoices, Key: dynamo.Key("INVOICE#"+id, "INVOICE"),
	})
	require.NoError(t, err)
	return out.Item
}

// eraseBuyer erases the buyer of an invoice as an erasure does.
func (f *fixture) eraseBuyer(t *testing.T, id string) {
	t.Helper()
	item := f.item(t, id)
	pk := "SUBJECT#" + dynamo.Text(item["subject_of"])
	key, err := privacy.SealedBy(dynamo.Bytes(item["contact"]))
	require.NoError(t, err)
	mark := dynamo.Key(pk, "ERASED#"+key)
	mark["erased_at"] = dynamo.N(f.now().Unix())
	_, err = f.db.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &f.tables.Keys, Item: mark})
	require.NoError(t, err)
	_, err = f.db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: &f.tables.Keys, Key: dynamo.Key(pk, "CONTACT"),
	})
	require.NoError(t, err)
}

// requireContact requires that the invoice shows Asha as sent.
func requireContact(t *testing.T, inv gst.Invoice) {
	t.Helper()
	require.Equal(t, asha(), inv.BuyerDetails)
	require.Equal(t, "Asha Ramanathan", inv.BuyerName)
	require.Empty(t, inv.ContactErasedAt)
}

func requireErased(t *testing.T, inv gst.Invoice, err error) {
	t.Helper()
	require.NoError(t, err)
	body, err := json.Marshal(inv)
	require.NoError(t, err)
	for _, text := range contactTexts() {
		require.NotContains(t, string(body), text)
	}
	require.NotEmpty(t, inv.ContactErasedAt)
	require.Equal(t, "27", inv.BuyerState)
}

func TestTheContactIsSealed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var log bytes.Buffer
	f.issuer.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	first, err := f.issue(t.Context(), key(1), retail(t, "A-1"))
	require.NoError(t, err)
	again, err := f.issue(t.Context(), key(1), retail(t, "A-1"))
	require.NoError(t, err)
	require.Equal(t, string(first.Body), string(again.Body))

	item := f.item(t, first.InvoiceID)
	doc, err := idempotency.Decompress(dynamo.Bytes(item["doc"]))
	require.NoError(t, err)
	raw, err := json.Marshal(item)
	require.NoError(t, err)
	for _, text := range contactTexts() {
		require.Contains(t, string(first.Body), text, "the caller gets what it sent")
		require.NotContains(t, string(doc), text)
		require.NotContains(t, string(raw), text)
		require.NotContains(t, string(dynamo.Bytes(item["contact"])), text)
	}
	shown, err := f.get(t, first.InvoiceID)
	require.NoError(t, err)
	requireContact(t, shown)
	body, err := json.Marshal(shown)
	require.NoError(t, err)
	require.JSONEq(t, string(first.Body), string(body))

	f.advance(25 * time.Hour) // the answer is kept for a day
	rebuilt, err := f.issue(t.Context(), key(1), retail(t, "A-1"))
	require.NoError(t, err)
	require.JSONEq(t, string(first.Body), string(rebuilt.Body))

	f.db.Hook = func(string) (bool, error) { return false, dynamotest.ErrLost }
	_, err = f.issue(t.Context(), key(2), retail(t, "A-2"))
	require.Error(t, err)
	require.NotEmpty(t, log.String())
	for _, text := range contactTexts() {
		require.NotContains(t, log.String()+err.Error(), text)
	}
}

// TestABuyerComesBack after the erasure: the new invoice has a new key.
func TestABuyerComesBack(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.issue(t.Context(), key(1), retail(t, "A-1"))
	require.NoError(t, err)
	f.eraseBuyer(t, first.InvoiceID)
	inv, err := f.get(t, first.InvoiceID)
	requireErased(t, inv, err)
	second, err := f.issue(t.Context(), key(2), retail(t, "A-2"))
	require.NoError(t, err)
	inv, err = f.get(t, second.InvoiceID)
	require.NoError(t, err)
	requireContact(t, inv)
	inv, err = f.get(t, first.InvoiceID)
	requireErased(t, inv, err)
	f.eraseBuyer(t, second.InvoiceID)
	inv, err = f.get(t, second.InvoiceID)
	requireErased(t, inv, err)
}

// TestAnErasureDuringAnInvoice that has read the buyer's key: the invoice counts as issued before
// the erasure.
func TestAnErasureDuringAnInvoice(t *testing.T) {
	t.Parallel()
	f := setup(t)
	known, err := f.issue(t.Context(), key(1), retail(t, "A-1"))
	require.NoError(t, err)
	f.services.reserve = func(ctx context.Context, do func() error) error {
		f.eraseBuyer(t, known.InvoiceID)
		return do()
	}
	during, err := f.issue(t.Context(), key(2), retail(t, "A-2"))
	require.NoError(t, err)
	inv, err := f.get(t, during.InvoiceID)
	requireErased(t, inv, err)
}

// TestFirstInvoicesOfABuyer are issued at once, by instances of which each made a key.
func TestFirstInvoicesOfABuyer(t *testing.T) {
	t.Parallel()
	for name, transactionsQueue := range map[string]bool{"as on AWS": false, "one after the other": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			if !transactionsQueue {
				f, _ = setupContended(t, 5*time.Millisecond)
			}
			const n = 4
			var together sync.WaitGroup // all have read the buyer before one commits
			together.Add(n)
			f.services.reserve = func(_ context.Context, do func() error) error {
				together.Done()
				together.Wait()
				time.Sleep(100 * time.Millisecond) //nolint:forbidigo // the reads began before the claims
				return do()
			}
			results := f.issueAll(t, n, func(i int) (issuance.Result, error) {
				return f.issue(t.Context(), key(i), retail(t, ""))
			})
			sealedBy := map[string]bool{}
			for _, r := range results {
				inv, err := f.get(t, r.InvoiceID)
				require.NoError(t, err)
				requireContact(t, inv)
				id, err := privacy.SealedBy(dynamo.Bytes(f.item(t, r.InvoiceID)["contact"]))
				require.NoError(t, err)
				sealedBy[id] = true
			}
			require.Len(t, sealedBy, 1)
		})
	}
}

// TestEveryWriteOfAContactLostOrItsReply: the first invoice of a buyer, while the nth write is lost, or
// only its reply, for every n.
func TestEveryWriteOfAContactLostOrItsReply(t *testing.T) {
	t.Parallel()
	for how, applied := range map[string]bool{"lost write": false, "lost reply": true} {
		for n := 1; ; n++ {
			f := setup(t)
			hook, reached := dynamotest.Nth(n, applied)
			f.db.Hook = hook
			first, err := f.issue(t.Context(), key(1), retail(t, ""))
			f.db.Hook = nil
			if !reached() {
				require.Greater(t, n, 3, "the secret, the claim and the commit")
				break
			}
			if err != nil {
				require.Equal(t, "temporarily_unavailable", codeOf(err), "%s %d: the secret", how, n)
				first, err = f.issue(t.Context(), key(1), retail(t, ""))
			}
			require.NoError(t, err, "%s %d", how, n)
			inv, err := f.get(t, first.InvoiceID)
			require.NoError(t, err)
			requireContact(t, inv)
			require.Equal(t, 1, f.invoices(t), "%s %d", how, n)
		}
	}
}

func TestTheIndexOfABuyer(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var want []string
	for n, req := range []gst.Request{retail(t, "A-1"), retail(t, "A-2"), request(t, "A-3", "SKU", 1)} {
		r, err := f.issue(t.Context(), key(n), req)
		require.NoError(t, err)
		want = append(want, "INVOICE#"+r.InvoiceID)
	}
	require.NotContains(t, f.item(t, strings.TrimPrefix(want[2], "INVOICE#")), "subject_of", "it has no contact")
	subject, err := privacy.NewStore(f.db, f.tables.Keys, f.now).Subject(t.Context(), merchantID, "cust-7 ")
	require.NoError(t, err)
	out, err := f.db.Query(t.Context(), &dynamodb.QueryInput{
		TableName: &f.tables.Invoices, IndexName: aws.String("by-subject"),
		KeyConditionExpression:    aws.String("subject_of = :s"),
		ExpressionAttributeValues: dynamo.Item{":s": dynamo.S(merchantID + "#" + subject)},
	})
	require.NoError(t, err)
	var got []string
	for _, item := range out.Items {
		got = append(got, dynamo.Text(item["pk"]))
	}
	require.Equal(t, want[:2], got)
}

// TestAMovedContactDoesNotOpen, although both invoices are of one buyer.
func TestAMovedContactDoesNotOpen(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.issue(t.Context(), key(1), retail(t, "A-1"))
	require.NoError(t, err)
	second, err := f.issue(t.Context(), key(2), retail(t, "A-2"))
	require.NoError(t, err)
	item := f.item(t, second.InvoiceID)
	item["contact"] = f.item(t, first.InvoiceID)["contact"]
	_, err = f.db.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &f.tables.Invoices, Item: item})
	require.NoError(t, err)
	_, err = f.get(t, second.InvoiceID)
	require.ErrorIs(t, err, privacy.ErrChanged)
	for _, text := range contactTexts() {
		require.NotContains(t, err.Error(), text)
	}
}

func TestAListOpensContacts(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var last issuance.Result
	for n := range 3 {
		req := retail(t, "")
		if n == 2 {
			req.BuyerReference = "CUST-8"
		}
		var err error
		last, err = f.issue(t.Context(), key(n), req)
		require.NoError(t, err)
	}
	_, err := f.issue(t.Context(), key(3), request(t, "", "SKU", 1))
	require.NoError(t, err)
	f.eraseBuyer(t, last.InvoiceID)
	f.db.Forget()
	buyers := privacy.NewStore(f.db, f.tables.Keys, f.now)
	var all []gst.Invoice
	q := invoice.Query{Tenant: caller.ActingFor(merchantID), Limit: 10}
	_, err = f.issuer.Invoices.WithContacts(buyers).List(t.Context(), q, func(inv gst.Invoice) bool {
		all = append(all, inv)
		return true
	})
	require.NoError(t, err)
	require.Equal(t, []string{"BatchGetItem", "BatchGetItem"}, f.db.Calls(), "the invoices, and all keys")
	require.Len(t, all, 4)
	require.Equal(t, gst.GSTIN("29AABCU9603R1ZJ"), all[0].BuyerGSTIN)
	requireErased(t, all[1], nil)
	requireContact(t, all[2])
	requireContact(t, all[3])
}

// TestAnOldInvoiceStaysReadable: earlier versions stored all fields in the document.
func TestAnOldInvoiceStaysReadable(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.issue(t.Context(), key(1), retail(t, "A-1"))
	require.NoError(t, err)
	item := f.item(t, first.InvoiceID)
	compressed, err := idempotency.Compress(first.Body)
	require.NoError(t, err)
	item["doc"] = dynamo.B(compressed)
	delete(item, "contact")
	delete(item, "subject_of")
	_, err = f.db.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &f.tables.Invoices, Item: item})
	require.NoError(t, err)
	inv, err := f.get(t, first.InvoiceID)
	require.NoError(t, err)
	requireContact(t, inv)
}

// TestANoteToASealedInvoice compares itself with what is kept of the original.
func TestANoteToASealedInvoice(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first, err := f.issue(t.Context(), key(1), retail(t, "A-1"))
	require.NoError(t, err)
	f.eraseBuyer(t, first.InvoiceID)
	note := retail(t, "C-1")
	note.DocumentType, note.OriginalInvoiceID, note.Restock = gst.TypeCreditNote, first.InvoiceID, false
	r, err := f.issue(t.Context(), key(2), note)
	require.NoError(t, err)
	inv, err := f.get(t, r.InvoiceID)
	require.NoError(t, err)
	requireContact(t, inv)
	require.Equal(t, "A-1", inv.OriginalInvoiceNumber)
}

// keysAway is a keys table that cannot be read.
type keysAway struct{ *dynamotest.Faults }

func (keysAway) GetItem(
	context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return nil, errors.New("connection reset")
}

func TestNothingIsIssuedWithoutTheKey(t *testing.T) {
	t.Parallel()
	f := setup(t)
	there := f.issuer.Buyers
	f.issuer.Buyers = privacy.NewStore(keysAway{f.db}, f.tables.Keys, f.now)
	_, err := f.issue(t.Context(), key(1), retail(t, "A-1"))
	require.Equal(t, "temporarily_unavailable", codeOf(err))
	require.Equal(t, saga.Aborted, f.state(t, sagaOf(err)))
	_, err = f.issue(t.Context(), key(2), request(t, "A-2", "SKU", 1))
	require.NoError(t, err, "it has no contact")
	f.issuer.Buyers = there
	_, err = f.issue(t.Context(), key(1), retail(t, "A-1"))
	require.NoError(t, err)
}

// gate is a keys table whose buyers are read only while the idempotency key is claimed.
type gate struct {
	*dynamotest.Faults

	read, claimed chan struct{}
}

func (g gate) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, o ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	if strings.HasPrefix(dynamo.Text(in.Key["pk"]), "SUBJECT#") {
		close(g.read)
		<-g.claimed
	}
	return g.Faults.GetItem(ctx, in, o...)
}

// TestTheKeyIsReadDuringTheClaim: the read adds no awaited call. One after the other, the two
// calls would wait for each other for ever. What a contact adds is this read alone.
func TestTheKeyIsReadDuringTheClaim(t *testing.T) {
	t.Parallel()
	f := setup(t)
	g := gate{f.db, make(chan struct{}), make(chan struct{})}
	f.issuer.Buyers = privacy.NewStore(g, f.tables.Keys, f.now)
	_, err := f.issuer.Buyers.Subject(t.Context(), merchantID, "the first call reads the secret")
	require.NoError(t, err)
	claimed := false
	f.db.Hook = func(operation string) (bool, error) {
		if operation == "PutItem" && !claimed {
			claimed = true
			<-g.read
			close(g.claimed)
		}
		return true, nil
	}
	f.db.Forget()
	_, err = f.issue(t.Context(), key(1), retail(t, "A-1"))
	require.NoError(t, err)
	require.Equal(t, []string{"PutItem", "GetItem", "TransactWriteItems"}, f.db.Calls())
}
