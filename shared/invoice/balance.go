package invoice

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/gst/money"
)

// Attributes of an invoice's balance besides its columns.
const (
	noteCount = "note_count"
	noteIDs   = "notes"     // ids of the first notes
	cancelled = "cancelled" // present once the invoice is cancelled
)

// maxListedNotes bounds the ids in a balance, so that it stays within about a kilobyte. Notes beyond
// them are counted, and each note names its original.
const maxListedNotes = 20

// maxRateColumns bounds the rates that are bounded one by one, and is more than there are GST rates. A
// document of more rates is bounded by its sums alone.
const maxRateColumns = 16

func balanceKey(originalID string) dynamo.Item { return dynamo.Key("CREDIT#"+originalID, "BALANCE") }

// RecordNote returns the item of a transaction that counts a note in the balance of its original, with
// what a credit note takes back. Its condition is that the original is not cancelled, and that all its
// credit notes together stay within it. listed is false once the list of notes is full. When the
// condition fails, JudgeNote explains it.
func (s *Store) RecordNote(original, note gst.Invoice, listed bool) (types.TransactWriteItem, error) {
	change := increase(noteCount, 1)
	allowed := expression.Name(cancelled).AttributeNotExists()
	if listed {
		ids := expression.Name(noteIDs)
		change = change.Set(ids, expression.ListAppend(
			expression.IfNotExists(ids, expression.Value([]string{})), expression.Value([]string{note.ID})))
		allowed = allowed.And(ids.AttributeNotExists().Or(ids.Size().LessThan(expression.Value(maxListedNotes))))
	}
	for _, c := range columns(original, note) {
		change = c.add(change, c.amount)
		if c.bounded {
			allowed = allowed.And(c.fits())
		}
	}
	return dynamo.TransactUpdate(s.table, balanceKey(original.ID), change, allowed)
}

// unrecordNote returns the item of a transaction that takes a deleted note out of the balance of its
// original. The list of notes keeps its id.
func (s *Store) unrecordNote(note gst.Invoice) (types.TransactWriteItem, error) {
	change := increase(noteCount, -1)
	for _, c := range columns(gst.Invoice{}, note) {
		change = c.add(change, -c.amount)
	}
	return dynamo.TransactUpdate(s.table, balanceKey(note.OriginalInvoiceID), change,
		expression.Name(noteCount).GreaterThan(expression.Value(0)))
}

// column is an amount of a balance.
type column struct {
	name    string // of the attribute: the sum over all credit notes
	label   string // of the amount, for callers
	rate    *gst.Rate
	amount  money.Paise // of the note
	limit   money.Paise // of the original
	bounded bool        // the original has this amount
}

// roundingSlack is how far the tax of all credit notes of an invoice may exceed its own: each note
// rounds its tax for itself. The taxable values leave no room.
const roundingSlack money.Paise = 1_00

// columns returns the amounts of a credit note, none of a debit note. An original without items bounds
// only the value: its tax and rates are not known.
func columns(original, note gst.Invoice) []column {
	if note.DocumentType != gst.TypeCreditNote {
		return nil
	}
	of, limit, itemized := note.Credit(), original.Credit(), len(original.Items) > 0
	value := max(limit.Value, original.Totals.Total)
	if itemized {
		value += roundingSlack
	}
	all := []column{
		{"value", "value", nil, of.Value, value, true},
		{"taxable_value", "taxable_value", nil, of.TaxableValue, limit.TaxableValue, itemized},
		{"tax", "tax", nil, of.Tax, limit.Tax + roundingSlack, itemized},
	}
	if len(of.Rates) > maxRateColumns {
		return all
	}
	for _, r := range of.Rates {
		all = append(all, column{
			fmt.Sprintf("rate_%d", r.Rate), "taxable_value", &r.Rate, r.TaxableValue, limit.At(r.Rate), itemized,
		})
	}
	return all
}

func (c column) add(change expression.UpdateBuilder, amount money.Paise) expression.UpdateBuilder {
	name := expression.Name(c.name)
	return change.Set(name, sum(name, int64(amount)))
}

// fits is the condition that the column stays within its limit. Without the column nothing was credited.
func (c column) fits() expression.ConditionBuilder {
	name, left := expression.Name(c.name), c.limit-c.amount
	within := name.LessThanEqual(expression.Value(left))
	if left < 0 {
		return within // never true
	}
	return within.Or(name.AttributeNotExists())
}

func increase(attribute string, by int64) expression.UpdateBuilder {
	name := expression.Name(attribute)
	return expression.Set(name, sum(name, by))
}

// sum is the value of a number, 0 if it is absent, and n.
func sum(name expression.NameBuilder, n int64) expression.SetValueBuilder {
	return expression.Plus(expression.IfNotExists(name, expression.Value(0)), expression.Value(n))
}
