package invoice

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/listing"
)

// bySubject is the index of a buyer's invoices in the order of their creation. It has those that have
// a contact.
const bySubject = "by-subject"

// YearsOf returns the financial years of a buyer's invoices, such as `2526`, in order, and when the
// last one was issued; the zero time if there is none. The index may lag behind the table by moments.
func (s *Store) YearsOf(
	ctx context.Context, merchantID, subject string,
) (years []string, last time.Time, err error) {
	index := listing.Index{Table: s.table, Name: bySubject, Hash: "subject_of", Partition: subjectOf(merchantID, subject)}
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

// yearOfNumber returns the financial year of a number's partition key: NUMBER#merchant#type#year#number.
func yearOfNumber(pk string) string {
	const at, parts = 3, 5
	if fields := strings.SplitN(pk, "#", parts); len(fields) == parts {
		return fields[at]
	}
	return ""
}
