package retention

import (
	"time"

	"github.com/invochain/invochain/shared/gst"
)

// Law is the law under which an erasure is asked.
type Law string

// Laws.
const (
	GDPR Law = "gdpr"
	DPDP Law = "dpdp"
)

// Laws lists the laws.
func Laws() []Law { return []Law{GDPR, DPDP} }

// Basis returns what allows the statutory part of a document to stay when its buyer's data is erased.
// GDPR art. 17(3)(b) is about obligations of Union or member state law, which an Indian statute is
// not: what remains is the merchant's legal claims.
func (l Law) Basis() string {
	if l == GDPR {
		return "GDPR, art. 17(3)(e)"
	}
	return "DPDP Act 2023, s.12(3)"
}

// MinimumYear is the first day on which personal data is kept for at least one year from its
// processing (DPDP Rules 2025, G.S.R. 846(E) of 13-11-2025, r.8(3), in force after eighteen months by
// r.1(4)). Some sources count from 14-11-2025, when the gazette appeared; the earlier day counts,
// because what is kept for too long can still go.
const MinimumYear gst.Date = "2027-05-13"

// MinimumYearCitation is the citation of that rule.
const MinimumYearCitation = "DPDP Rules 2025, r.8(3)"

// Effective returns when contact data that was last processed at a time is erased, if that is asked
// under the law now: at once, or under DPDP, once MinimumYear has come, a year after its processing.
func (l Law) Effective(asked, processed time.Time) time.Time {
	if l != DPDP || gst.DayInIndia(asked) < MinimumYear {
		return asked
	}
	if year := processed.AddDate(1, 0, 0); year.After(asked) {
		return year
	}
	return asked
}
