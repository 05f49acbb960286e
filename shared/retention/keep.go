package retention

import (
	"time"

	"github.com/invochain/invochain/shared/gst"
)

// Statute is a law that keeps a document.
type Statute struct {
	Citation string
	Who      string   // whom it binds, for people
	InForce  gst.Date // since
	binds    func(seller gst.GSTIN) bool
	until    func(first int) time.Time // of the financial year that starts in this calendar year
}

// Kept is how long a document is kept, and why.
type Kept struct {
	Until gst.Date // the last day
	Basis []string // the citations of the statutes
}

// Statutes lists the laws that keep a document. A seller that may be bound by several keeps it until
// the last of their days.
func Statutes() []Statute {
	return []Statute{
		{
			Citation: "CGST Act 2017, s.36", Who: "every registered person", InForce: "2017-07-01",
			binds: func(gst.GSTIN) bool { return true }, until: afterAnnualReturn,
		},
		{
			Citation: "Companies Act 2013, s.128(5)", Who: "a company", InForce: "2014-04-01",
			binds: func(seller gst.GSTIN) bool { return holder(seller) == company || holder(seller) == unknown },
			until: eightYears,
		},
		{
			Citation: "LLP Rules 2009, r.24(5)", Who: "a firm, which may be an LLP", InForce: "2009-04-01",
			binds: func(seller gst.GSTIN) bool { return holder(seller) == firm }, until: eightYears,
		},
	}
}

// Keep returns how long a seller keeps a document of a day. Whether the seller is a company follows
// from its GSTIN, so that the profile needs no field which could contradict it: the fourth
// character of the PAN is the kind of its holder (Income-tax Rules 1962, r.114). A seller without a
// PAN keeps it as a company does, because what is kept too long can still go.
func Keep(dated gst.Date, seller gst.GSTIN) Kept {
	first := firstOf(dated)
	var kept Kept
	for _, s := range Statutes() {
		if !s.binds(seller) || dated < s.InForce {
			continue
		}
		kept.Basis = append(kept.Basis, s.Citation)
		if until := gst.Date(s.until(first).Format(time.DateOnly)); until > kept.Until {
			kept.Until = until
		}
	}
	return kept
}

// Until returns the last day on which a statute keeps the documents of the financial year of a day.
func (s Statute) Until(dated gst.Date) gst.Date {
	return gst.Date(s.until(firstOf(dated)).Format(time.DateOnly))
}

// firstOf returns the calendar year in which the financial year of a day starts.
func firstOf(dated gst.Date) int {
	t, err := time.Parse(time.DateOnly, string(dated))
	if err != nil {
		panic("retention: " + err.Error()) // an issued invoice has a date
	}
	if t.Month() < time.April {
		return t.Year() - 1
	}
	return t.Year()
}

// afterAnnualReturn is 72 months after the due date of the annual return.
func afterAnnualReturn(first int) time.Time {
	due, moved := extended()[first]
	if !moved {
		due = day(first+1, time.December, 31) // CGST s.44, rule 80
	}
	return due.AddDate(6, 0, 0)
}

// extended lists the due dates of annual returns that were moved, by the calendar year in which
// the financial year starts. For 2017-18 there were two, by state: this is the later.
func extended() map[int]time.Time {
	return map[int]time.Time{
		2017: day(2020, time.February, 7),  // Notification 06/2020-CT
		2018: day(2020, time.December, 31), // Notification 80/2020-CT
		2019: day(2021, time.March, 31),    // Notification 04/2021-CT
		2020: day(2022, time.February, 28), // Notification 40/2021-CT
	}
}

// eightYears is the end of the eighth financial year after a financial year. It is no earlier than
// eight years after the making of any document of the year.
func eightYears(first int) time.Time { return day(first+1+8, time.March, 31) }

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

// Holders of a PAN, by its fourth character.
const (
	company byte = 'C'
	firm    byte = 'F' // an LLP too
	unknown byte = 0
)

func holder(seller gst.GSTIN) byte {
	if len(seller) < 15 || seller.PAN() == "" {
		return unknown
	}
	return seller.PAN()[3]
}
