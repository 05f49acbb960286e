package issuance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

// note returns a credit note of one line; fields replace those of the request, and nil removes one.
func note(t *testing.T, unitPrice string, fields map[string]any) gst.Request {
	t.Helper()
	in := map[string]any{
		"document_type": "CRN", "series": "CN", "original_invoice_number": "A-1",
		"seller_merchant_id": merchantID, "buyer_gstin": "29AABCU9603R1ZJ", "invoice_date": "2025-12-01",
		"items": []any{map[string]any{
			"description": "x", "hsn": "732393", "quantity": 1, "unit": "NOS", "unit_price": unitPrice, "gst_rate": 18,
		}},
	}
	maps.Copy(in, fields)
	maps.DeleteFunc(in, func(_ string, v any) bool { return v == nil })
	b, err := json.Marshal(in)
	require.NoError(t, err)
	req, err := gst.ParseRequest(b)
	require.NoError(t, err)
	return req
}

// setupNotes returns a fixture with the invoice A-1 of ₹500 at 18 %, two units of the SKU, which are
// booked as sold.
func setupNotes(t *testing.T) (*fixture, issuance.Result) {
	t.Helper()
	f := setup(t)
	return f, f.original(t)
}

func (f *fixture) original(t *testing.T) issuance.Result {
	t.Helper()
	result, err := f.issue(t.Context(), key(1000), request(t, "A-1", "SKU", 2))
	require.NoError(t, err)
	require.NoError(t, f.stock.Confirm(t.Context(), result.SagaID))
	return result
}

// balance is what the item of an original's notes holds.
type balance struct {
	Count        int         `dynamodbav:"note_count"`
	Notes        []string    `dynamodbav:"notes"`
	Value        money.Paise `dynamodbav:"value"`
	TaxableValue money.Paise `dynamodbav:"taxable_value"`
	Tax          money.Paise `dynamodbav:"tax"`
	At18         money.Paise `dynamodbav:"rate_1800"`
}

func (f *fixture) balance(t *testing.T, originalID string) (b balance) {
	t.Helper()
	out, err := f.db.Client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &f.tables.Invoices, ConsistentRead: aws.Bool(true), Key: dynamo.Key("CREDIT#"+originalID, "BALANCE"),
	})
	require.NoError(t, err)
	require.NoError(t, attributevalue.UnmarshalMap(out.Item, &b))
	return b
}

func decoded(t *testing.T, result issuance.Result) (inv gst.Invoice) {
	t.Helper()
	require.NoError(t, json.Unmarshal(result.Body, &inv))
	return inv
}

// TestANoteIsBoundedToThePaisa: one paisa more than the original is refused, the exact rest is not.
func TestANoteIsBoundedToThePaisa(t *testing.T) {
	t.Parallel()
	f, original := setupNotes(t)
	_, err := f.issue(t.Context(), key(1), note(t, "500.01", nil))
	requireExceeds(t, err, invoice.Left{Amount: "taxable_value", Wanted: 500_01, Left: 500_00})
	first, err := f.issue(t.Context(), key(1), note(t, "499.99", nil))
	require.NoError(t, err, "the key is free after a refusal")
	_, err = f.issue(t.Context(), key(2), note(t, "0.02", nil))
	requireExceeds(t, err, invoice.Left{Amount: "taxable_value", Wanted: 2, Left: 1})
	require.Equal(t, saga.Aborted, f.state(t, sagaOf(err)))
	rest, err := f.issue(t.Context(), key(3), note(t, "0.01", map[string]any{"original_invoice_number": "a-1"}))
	require.NoError(t, err, "numbers are compared without case")
	require.Equal(t, balance{
		Count: 2, Notes: []string{first.InvoiceID, rest.InvoiceID},
		Value: 590_00, TaxableValue: 500_00, Tax: 90_00, At18: 500_00,
	}, f.balance(t, original.InvoiceID))
	require.Equal(t, original.InvoiceID, decoded(t, rest).OriginalInvoiceID)
	stored, err := f.issuer.Invoices.Load(t.Context(), rest.InvoiceID)
	require.NoError(t, err)
	require.Equal(t, decoded(t, rest).Correction, stored.Correction)
}

// requireExceeds checks that an error names what is left.
func requireExceeds(t *testing.T, err error, left invoice.Left) {
	t.Helper()
	known, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "credit_exceeds_original", known.Code)
	require.Equal(t, problem.Conflict, known.Kind)
	require.Contains(t, known.Extensions["left"], left)
	require.Contains(t, known.Message, "is left to credit")
}

// TestEachAmountIsBounded: a note within the sum may exceed the value at one rate.
func TestEachAmountIsBounded(t *testing.T) {
	t.Parallel()
	line := func(price, rate string) map[string]any {
		return map[string]any{
			"description": "x", "hsn": "732393", "quantity": 1, "unit": "NOS", "unit_price": price, "gst_rate": rate,
		}
	}
	at18, tax := gst.Rate(1800), map[string]any{"cess_amount": "1.01"}
	maps.Copy(tax, line("100", "18"))
	for name, tc := range map[string]struct {
		items []any
		left  invoice.Left
	}{
		"one rate": {
			[]any{line("100.01", "18")}, invoice.Left{Amount: "taxable_value", Rate: &at18, Wanted: 100_01, Left: 100_00},
		},
		"the taxable value": {
			[]any{line("50", "18"), line("100.01", "0")}, invoice.Left{Amount: "taxable_value", Wanted: 150_01, Left: 150_00},
		},
		"the tax": {[]any{tax}, invoice.Left{Amount: "tax", Wanted: 19_01, Left: 19_00}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			mixed := note(t, "1", map[string]any{
				"document_type": nil, "series": nil, "original_invoice_number": nil, "invoice_number": "A-1",
				"items": []any{line("100", "18"), line("50", "0")},
			})
			_, err := f.issue(t.Context(), key(1), mixed)
			require.NoError(t, err)
			_, err = f.issue(t.Context(), key(2), note(t, "1", map[string]any{"items": tc.items}))
			requireExceeds(t, err, tc.left)
		})
	}
}

// TestNotesInPartsRoundTheirTax: an invoice of ₹33 at 5 % bears ₹1.66 of tax, three notes of ₹11 each
// ₹0.56.
func TestNotesInPartsRoundTheirTax(t *testing.T) {
	t.Parallel()
	f := setup(t)
	part := func(price string, fields map[string]any) gst.Request {
		all := map[string]any{"buyer_gstin": "27AABCU9603R1ZN", "items": []any{map[string]any{
			"description": "x", "hsn": "732393", "quantity": 1, "unit": "NOS", "unit_price": price, "gst_rate": 5,
		}}}
		maps.Copy(all, fields)
		return note(t, price, all)
	}
	_, err := f.issue(t.Context(), key(1), part("33", map[string]any{
		"document_type": nil, "series": nil, "original_invoice_number": nil, "invoice_number": "A-1",
	}))
	require.NoError(t, err)
	for n := range 3 {
		_, err = f.issue(t.Context(), key(2+n), part("11", nil))
		require.NoError(t, err)
	}
	_, err = f.issue(t.Context(), key(9), part("0.01", nil))
	requireExceeds(t, err, invoice.Left{Amount: "taxable_value", Wanted: 1, Left: 0})
}

// TestManyRates: more than there are GST rates are bounded by their sums alone.
func TestManyRates(t *testing.T) {
	t.Parallel()
	f := setup(t)
	lines := func(n int) map[string]any {
		var items []any
		for i := range n {
			items = append(items, map[string]any{"quantity": 1, "unit_price": 1, "gst_rate": i})
		}
		return map[string]any{"items": items}
	}
	all := lines(100)
	maps.Copy(all, map[string]any{
		"document_type": nil, "series": nil, "original_invoice_number": nil, "invoice_number": "A-1",
	})
	_, err := f.issue(t.Context(), key(1), note(t, "1", all))
	require.NoError(t, err)
	for n, rates := range []int{16, 17, 84} { // 117 of ₹100
		_, err := f.issue(t.Context(), key(2+n), note(t, "1", lines(rates)))
		require.Equal(t, rates == 84, err != nil, "%d rates: %v", rates, err)
	}
}

// TestADocumentWithoutItemsIsBoundedByItsTotal: its tax is not known.
func TestADocumentWithoutItemsIsBoundedByItsTotal(t *testing.T) {
	t.Parallel()
	f := setup(t)
	total := func(amount string, fields map[string]any) gst.Request {
		all := map[string]any{"items": nil, "total_amount": amount}
		maps.Copy(all, fields)
		return note(t, "1", all)
	}
	_, err := f.issue(t.Context(), key(1), total("15000", map[string]any{
		"document_type": nil, "series": nil, "original_invoice_number": nil, "invoice_number": "A-1",
	}))
	require.NoError(t, err)
	_, err = f.issue(t.Context(), key(2), note(t, "10000", nil))
	require.NoError(t, err, "₹11,800, whose tax the original does not show")
	_, err = f.issue(t.Context(), key(3), total("3200.01", nil))
	requireExceeds(t, err, invoice.Left{Amount: "value", Wanted: 3200_01, Left: 3200_00})
	_, err = f.issue(t.Context(), key(3), total("3200", nil))
	require.NoError(t, err)
}

// TestWhatRefusesANote: nothing is stored, and the key is free.
func TestWhatRefusesANote(t *testing.T) {
	t.Parallel()
	f, original := setupNotes(t)
	credited, err := f.issue(t.Context(), key(1), note(t, "1", map[string]any{"invoice_number": "C-1", "series": nil}))
	require.NoError(t, err)
	byID := func(id string) map[string]any {
		return map[string]any{"original_invoice_number": nil, "original_invoice_id": id}
	}
	with := func(field string, value any) map[string]any { return map[string]any{field: value} }
	files := seller(pune, gst.Advise)
	files.Turnover = []gst.Turnover{{FinancialYear: "2425", Amount: 1}}
	stranger := f.ofAStranger(t)
	for name, tc := range map[string]struct {
		fields map[string]any
		code   string
	}{
		"an unknown id":              {byID("5cc6f403-c9ae-80f9-bdd0-b43115a42a39"), "original_not_found"},
		"the id of another merchant": {byID(stranger), "original_not_found"},
		"the id of a note":           {byID(credited.InvoiceID), "original_is_note"},
		"another buyer":              {with("buyer_gstin", "29AAGCB1111K1ZW"), "original_differs"},
		"another place":              {with("place_of_supply", "07"), "original_differs"},
		"another rate": {
			with("items", []any{map[string]any{"quantity": 1, "unit_price": 1, "gst_rate": 5}}), "rate_not_on_original",
		},
		"dated before it":           {with("invoice_date", "2025-11-25"), "note_before_original"},
		"of whom files, unknown":    {with("original_invoice_number", "A-2"), "original_not_found"},
		"of whom files, other year": {with("original_invoice_date", "2024-11-26"), "original_not_found"},
	} {
		f.services.setSeller(files)
		_, err := f.issue(t.Context(), key(2), note(t, "1", tc.fields))
		require.Equal(t, tc.code, codeOf(err), name)
		require.Equal(t, saga.Aborted, f.state(t, sagaOf(err)), name)
	}
	require.Equal(t, 2, f.invoices(t))
	require.Equal(t, 1, f.balance(t, original.InvoiceID).Count)
	_, err = f.issue(t.Context(), key(2), note(t, "1", byID(original.InvoiceID)))
	require.NoError(t, err)
}

// ofAStranger issues an invoice of another merchant and returns its id.
func (f *fixture) ofAStranger(t *testing.T) string {
	t.Helper()
	req := request(t, "X-1", "", 1)
	req.SellerMerchantID = "merchant-2"
	result, err := f.issue(t.Context(), idempotency.Key{Scope: "merchant-2", ID: key(1).ID}, req)
	require.NoError(t, err)
	return result.InvoiceID
}

// TestUnknownOriginals: integrators send notes to invoices that they issued elsewhere.
func TestUnknownOriginals(t *testing.T) {
	t.Parallel()
	f, original := setupNotes(t)
	for n, fields := range []map[string]any{
		{"original_invoice_number": "OLD-1"},
		{"original_external": true}, // although there is one with this number
		{"original_invoice_date": "2024-11-26"},
	} {
		result, err := f.issue(t.Context(), key(n), note(t, "9000", fields))
		require.NoError(t, err)
		inv := decoded(t, result)
		require.True(t, slices.ContainsFunc(inv.Compliance.Findings, func(f gst.Finding) bool {
			return f.Code == "original_unknown"
		}))
		require.Empty(t, inv.OriginalInvoiceID)
	}
	require.Zero(t, f.balance(t, original.InvoiceID))
}

// TestTheOriginalOfTheYearBefore is found, and that of the note's year wins.
func TestTheOriginalOfTheYearBefore(t *testing.T) {
	t.Parallel()
	f, before := setupNotes(t)
	inApril := map[string]any{"invoice_date": "2026-04-10"}
	result, err := f.issue(t.Context(), key(1), note(t, "1", inApril))
	require.NoError(t, err)
	require.Equal(t, before.InvoiceID, decoded(t, result).OriginalInvoiceID)
	later := request(t, "A-1", "", 1)
	later.InvoiceDate = "2026-04-05"
	now, err := f.issue(t.Context(), key(2), later)
	require.NoError(t, err)
	result, err = f.issue(t.Context(), key(3), note(t, "1", inApril))
	require.NoError(t, err)
	require.Equal(t, now.InvoiceID, decoded(t, result).OriginalInvoiceID)
	result, err = f.issue(t.Context(), key(4), note(t, "1",
		map[string]any{"invoice_date": "2026-04-10", "original_invoice_date": "2025-11-26"}))
	require.NoError(t, err)
	require.Equal(t, before.InvoiceID, decoded(t, result).OriginalInvoiceID)
}

// TestACancelledOriginalHasNoNotes: neither credit nor debit notes.
func TestACancelledOriginalHasNoNotes(t *testing.T) {
	t.Parallel()
	f, original := setupNotes(t)
	item := dynamo.Key("CREDIT#"+original.InvoiceID, "BALANCE")
	item["cancelled"] = &types.AttributeValueMemberBOOL{Value: true}
	_, err := f.db.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &f.tables.Invoices, Item: item})
	require.NoError(t, err)
	for _, kind := range []string{"CRN", "DBN"} {
		_, err := f.issue(t.Context(), key(1), note(t, "1", map[string]any{"document_type": kind}))
		require.Equal(t, "original_cancelled", codeOf(err))
	}
	require.Equal(t, 1, f.invoices(t))
}

// TestDebitNotesAreCountedAndNotBounded: the count keeps the original from being cancelled.
func TestDebitNotesAreCountedAndNotBounded(t *testing.T) {
	t.Parallel()
	f, original := setupNotes(t)
	result, err := f.issue(t.Context(), key(1), note(t, "9000", map[string]any{"document_type": "DBN"}))
	require.NoError(t, err)
	require.Equal(t, balance{Count: 1, Notes: []string{result.InvoiceID}}, f.balance(t, original.InvoiceID))
}

// TestTheListOfNotesIsBounded: notes beyond it are counted.
func TestTheListOfNotesIsBounded(t *testing.T) {
	t.Parallel()
	f, original := setupNotes(t)
	for n := range 22 {
		_, err := f.issue(t.Context(), key(n), note(t, "1", nil))
		require.NoError(t, err)
	}
	b := f.balance(t, original.InvoiceID)
	require.Len(t, b.Notes, 20)
	require.Equal(t, 22, b.Count)
	require.EqualValues(t, 22_00, b.TaxableValue)
	_, err := f.issue(t.Context(), key(30), note(t, "478.01", nil))
	require.Equal(t, "credit_exceeds_original", codeOf(err))
}

// TestNotesAtOnceStayWithinTheirOriginal: whatever their order, and although they meet each other.
func TestNotesAtOnceStayWithinTheirOriginal(t *testing.T) {
	t.Parallel()
	for seed := range 4 {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			f, transport := setupContended(t, time.Duration(3*seed)*time.Millisecond)
			original := f.original(t)
			const notes = 8
			errs := f.atOnce(notes, func(i int) error {
				price := fmt.Sprintf("%d.%02d", 90+(i*37+seed*11)%60, i)
				_, err := f.issue(t.Context(), key(i), note(t, price, nil))
				return err
			})
			accepted := 0
			for _, err := range errs {
				if err == nil {
					accepted++
				} else {
					require.Equal(t, "credit_exceeds_original", codeOf(err), "%v", err)
				}
			}
			b := f.balance(t, original.InvoiceID)
			require.LessOrEqual(t, b.TaxableValue, money.Paise(500_00))
			require.Equal(t, accepted, b.Count)
			require.Less(t, accepted, notes)
			require.Positive(t, accepted)
			require.Equal(t, f.credited(t), b.TaxableValue, "the balance is the sum of the notes")
			t.Logf("%d of %d notes, %d conflicts", accepted, notes, transport.Conflicts())
		})
	}
}

// atOnce makes n calls at the same time.
func (f *fixture) atOnce(n int, call func(i int) error) []error {
	errs, done := make([]error, n), make(chan int)
	for i := range n {
		go func() { errs[i] = call(i); done <- i }()
	}
	for range n {
		<-done
	}
	return errs
}

// credited returns the taxable value of all credit notes.
func (f *fixture) credited(t *testing.T) (sum money.Paise) {
	t.Helper()
	all, _, err := f.list(t, invoice.Query{Limit: 100})
	require.NoError(t, err)
	for _, inv := range all {
		if inv.DocumentType == gst.TypeCreditNote {
			sum += inv.Totals.TaxableValue
		}
	}
	return sum
}

// TestANoteIsCreditedOnce: by a replay, and whichever of its writes is lost or loses its reply.
func TestANoteIsCreditedOnce(t *testing.T) {
	t.Parallel()
	for how, applied := range map[string]bool{"lost write": false, "lost reply": true} {
		for n := 1; ; n++ {
			f, original := setupNotes(t)
			hook, reached := dynamotest.Nth(n, applied)
			f.db.Hook = hook
			first, err := f.issue(t.Context(), key(1), note(t, "300", nil))
			f.db.Hook = nil
			if !reached() {
				break
			}
			require.NoError(t, err, "%s %d", how, n)
			again, err := f.issue(t.Context(), key(1), note(t, "300", nil))
			require.NoError(t, err, "%s %d", how, n)
			require.True(t, again.Replayed)
			require.Equal(t, string(first.Body), string(again.Body))
			b := f.balance(t, original.InvoiceID)
			require.Equal(t, []any{1, money.Paise(300_00)}, []any{b.Count, b.TaxableValue}, "%s %d", how, n)
		}
	}
}

// TestADeletedNoteIsNotCredited: as TestDelete, of a commit that landed after all.
func TestADeletedNoteIsNotCredited(t *testing.T) {
	t.Parallel()
	f, original := setupNotes(t)
	result, err := f.issue(t.Context(), key(1), note(t, "300", nil))
	require.NoError(t, err)
	f.lockKey(t, result.SagaID)
	held, err := f.sagas.CompensatingCheck(result.SagaID)
	require.NoError(t, err)
	for _, want := range []string{invoice.Deleted, invoice.NothingToDelete} {
		outcome, err := f.issuer.Invoices.Delete(t.Context(), result.SagaID, held)
		require.NoError(t, err)
		require.Equal(t, want, outcome)
		b := f.balance(t, original.InvoiceID)
		require.Equal(t, balance{Notes: []string{result.InvoiceID}}, b)
	}
	_, err = f.issue(t.Context(), key(2), note(t, "500", nil))
	require.NoError(t, err)
}

// TestRestockedGoodsComeBack: they are reserved by the note's saga, and a refused note leaves them sold.
func TestRestockedGoodsComeBack(t *testing.T) {
	t.Parallel()
	f, _ := setupNotes(t)
	returned := func(quantity int, price string) gst.Request {
		return note(t, "1", map[string]any{"restock": true, "items": []any{map[string]any{
			"sku": "SKU", "description": "x", "hsn": "732393", "quantity": quantity, "unit": "NOS",
			"unit_price": price, "gst_rate": 18,
		}}})
	}
	require.Equal(t, [3]int{8, 0, 2}, f.stockLevel(t))
	_, err := f.issue(t.Context(), key(1), returned(3, "1"))
	require.Equal(t, "not_sold", codeOf(err))
	require.Equal(t, saga.Aborted, f.state(t, sagaOf(err)))
	_, err = f.issue(t.Context(), key(1), returned(2, "250.01"))
	require.Equal(t, "credit_exceeds_original", codeOf(err))
	require.Equal(t, saga.Compensated, f.state(t, sagaOf(err)))
	require.Equal(t, [3]int{8, 0, 2}, f.stockLevel(t))
	result, err := f.issue(t.Context(), key(1), returned(2, "250"))
	require.NoError(t, err)
	require.Equal(t, [3]int{8, 2, 0}, f.stockLevel(t))
	for range 2 {
		require.NoError(t, f.stock.Confirm(t.Context(), result.SagaID))
		require.Equal(t, [3]int{10, 0, 0}, f.stockLevel(t))
	}
}

// TestReadsOfANote: the original is read concurrently with the claim, and a replay needs none of it.
func TestReadsOfANote(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fields map[string]any
		reads  int
	}{
		"by number":      {nil, 2},
		"by id":          {map[string]any{"original_invoice_number": nil}, 1},
		"of other years": {map[string]any{"original_invoice_number": "A-2"}, 2},
		"external":       {map[string]any{"original_external": true}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, original := setupNotes(t)
			fields := maps.Clone(tc.fields)
			if _, byID := fields["original_invoice_number"]; byID && fields["original_invoice_number"] == nil {
				fields["original_invoice_id"] = original.InvoiceID
			}
			req := note(t, "1", fields)
			req.Series, req.InvoiceNumber = "", "C-1"
			f.db.Forget()
			_, err := f.issue(t.Context(), key(1), req)
			require.NoError(t, err)
			want := []string{"PutItem", "TransactWriteItems"}
			for range tc.reads {
				want = append(want, "GetItem")
			}
			require.ElementsMatch(t, want, f.db.Calls())
		})
	}
}

// TestWriteUnitsOfANote: the balance takes two at most.
func TestWriteUnitsOfANote(t *testing.T) {
	t.Parallel()
	f, m := newMetered(t)
	_, err := f.issue(t.Context(), key(1), wholesale(t, f, 1, map[string]any{"invoice_number": "A-1"}))
	require.NoError(t, err)
	costs := map[bool]float64{}
	for external, n := range map[bool]int{true: 2, false: 3} {
		req := wholesale(t, f, 1, map[string]any{
			"document_type": "CRN", "invoice_number": fmt.Sprintf("C-%d", n), "original_invoice_number": "A-1",
		})
		req.OriginalExternal = external
		m.reset()
		_, err := f.issue(t.Context(), key(n), req)
		require.NoError(t, err)
		costs[external] = m.units
	}
	require.LessOrEqual(t, costs[false], costs[true]+2)
	require.LessOrEqual(t, costs[false], 16.0)
	require.NotZero(t, costs[true])
}
