package invoice

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/listing"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/retention"
)

// bySubject is the index of a buyer's invoices in the order of their creation. It has those that have
// a contact.
const bySubject = "by-subject"

// YearsOf returns the financial years of a buyer's invoices, such as `2526`, in order, and when the
// last one was issued; the zero time if there is none. The index may lag behind the table by moments.
func (s *Store) YearsOf(
	ctx context.Context, merchantID, subject string,
) (years []string, last time.Time, err error) {
	index := s.subjectIndex(merchantID, subject)
	all := listing.Bounds{Take: math.MaxInt, Examine: math.MaxInt}
	_, err = index.Read(ctx, s.db, nil, all, func(item dynamo.Item) (listing.Verdict, error) {
		created, _, _ := strings.Cut(dynamo.Text(item["listed_at"]), "#")
		at, err := time.Parse(time.RFC3339, created)
		if err != nil {
			return listing.Stop, err
		}
		if at.After(last) {
			last = at
		}
		if year := yearOfNumber(dynamo.Text(item["number_key"])); !slices.Contains(years, year) {
			years = append(years, year)
		}
		return listing.Take, nil
	})
	slices.Sort(years)
	return years, last, err
}

func (s *Store) subjectIndex(merchantID, subject string) listing.Index {
	return listing.Index{
		Table: s.table, Name: bySubject, Hash: "subject_of", Partition: subjectOf(merchantID, subject), Prepare: s.findKeys,
	}
}

// OfSubject passes up to limit of a buyer's invoices behind a position to take, oldest first, each with
// the last day on which the law keeps it. It returns the position of the last one, empty at the end. An
// empty position is the beginning. The index may lag behind the table by moments.
func (s *Store) OfSubject(
	ctx context.Context, merchantID, subject, after string, limit int, take func(gst.Invoice, gst.Date) error,
) (next string, err error) {
	var start dynamo.Item
	if _, id, found := strings.Cut(after, "#"); found {
		start = invoiceKey(id)
		start["subject_of"], start["listed_at"] = dynamo.S(subjectOf(merchantID, subject)), dynamo.S(after)
	}
	page := listing.Bounds{Take: limit, Examine: limit}
	last, err := s.subjectIndex(merchantID, subject).Read(ctx, s.db, start, page,
		func(item dynamo.Item) (listing.Verdict, error) {
			inv, err := s.opened(ctx, item)
			if err != nil {
				return listing.Stop, err
			}
			kept := gst.Date(dynamo.Text(item["keep_until"])) // empty from earlier versions
			return listing.Take, take(inv, cmp.Or(kept, retention.Keep(inv.InvoiceDate, inv.SellerGSTIN).Until))
		})
	return dynamo.Text(last["listed_at"]), err
}

// yearOfNumber returns the financial year of a number's partition key: NUMBER#merchant#type#year#number.
func yearOfNumber(pk string) string {
	const at, parts = 3, 5
	if fields := strings.SplitN(pk, "#", parts); len(fields) == parts {
		return fields[at]
	}
	return ""
}
