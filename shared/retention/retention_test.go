package retention_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/retention"
)

// Sellers, by the holder of their PAN.
const (
	company       gst.GSTIN = "27AABCU9603R1ZN"
	person        gst.GSTIN = "27AABPU9603R1ZA"
	firm          gst.GSTIN = "27AABFU9603R1ZA"
	nonResident   gst.GSTIN = "2717USA00001NR5" // registered under no PAN
	cgst, act, of           = "CGST Act 2017, s.36", "Companies Act 2013, s.128(5)", "LLP Rules 2009, r.24(5)"
)

func TestKeep(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		dated  gst.Date
		seller gst.GSTIN
		until  gst.Date
		basis  []string
	}{
		"first day of a year":            {"2025-04-01", person, "2032-12-31", []string{cgst}},
		"last day of a year":             {"2026-03-31", person, "2032-12-31", []string{cgst}},
		"first day of the next":          {"2026-04-01", person, "2033-12-31", []string{cgst}},
		"a leap day":                     {"2028-02-29", person, "2034-12-31", []string{cgst}},
		"a company":                      {"2025-11-26", company, "2034-03-31", []string{cgst, act}},
		"a company, on a leap day":       {"2028-02-29", company, "2036-03-31", []string{cgst, act}},
		"an LLP, or another firm":        {"2025-11-26", firm, "2034-03-31", []string{cgst, of}},
		"registered under no PAN":        {"2025-11-26", nonResident, "2034-03-31", []string{cgst, act}},
		"the first year of GST":          {"2017-07-01", person, "2026-02-07", []string{cgst}},
		"2018-19, whose return was late": {"2019-03-31", person, "2026-12-31", []string{cgst}},
		"2019-20, whose return was late": {"2020-03-31", person, "2027-03-31", []string{cgst}},
		"2020-21, due before a leap day": {"2021-01-01", person, "2028-02-28", []string{cgst}},
		"2021-22, as the law says":       {"2021-04-01", person, "2028-12-31", []string{cgst}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, retention.Kept{Until: tc.until, Basis: tc.basis}, retention.Keep(tc.dated, tc.seller))
		})
	}
}

// TestNoDocumentIsKeptForLessThanEightYearsByAFirm: an LLP keeps it for eight years from its making.
func TestNoDocumentIsKeptForLessThanEightYearsByAFirm(t *testing.T) {
	t.Parallel()
	for d := time.Date(2023, time.April, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2030; d = d.AddDate(0, 0, 1) {
		until := retention.Keep(gst.Date(d.Format(time.DateOnly)), firm).Until
		require.GreaterOrEqual(t, until, gst.Date(d.AddDate(8, 0, -1).Format(time.DateOnly)))
	}
}

func TestEffective(t *testing.T) {
	t.Parallel()
	india := time.FixedZone("IST", 5*3600+1800)
	at := func(text string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", text, india)
		require.NoError(t, err)
		return v
	}
	for name, tc := range map[string]struct {
		law                    retention.Law
		asked, processed, want string
	}{
		"GDPR":                                {"gdpr", "2027-06-01 12:00", "2027-05-20 12:00", "2027-06-01 12:00"},
		"DPDP, a minute before the rule":      {"dpdp", "2027-05-12 23:59", "2027-05-01 12:00", "2027-05-12 23:59"},
		"DPDP, the rule's first minute":       {"dpdp", "2027-05-13 00:00", "2027-05-01 12:00", "2028-05-01 12:00"},
		"DPDP, processed before the rule":     {"dpdp", "2027-05-13 00:00", "2026-11-20 12:00", "2027-11-20 12:00"},
		"DPDP, processed a year ago":          {"dpdp", "2028-05-20 12:00", "2027-05-20 12:00", "2028-05-20 12:00"},
		"DPDP, processed almost a year ago":   {"dpdp", "2028-05-20 11:59", "2027-05-20 12:00", "2028-05-20 12:00"},
		"DPDP, processed on a leap day":       {"dpdp", "2028-03-01 12:00", "2028-02-29 12:00", "2029-03-01 12:00"},
		"DPDP, a year that has a leap day":    {"dpdp", "2027-08-01 12:00", "2027-07-01 12:00", "2028-07-01 12:00"},
		"DPDP, nothing was ever processed":    {"dpdp", "2029-05-20 12:00", "0001-01-01 00:00", "2029-05-20 12:00"},
		"GDPR, asked at the time of an order": {"gdpr", "2030-05-20 12:00", "2030-05-20 12:00", "2030-05-20 12:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, at(tc.want), tc.law.Effective(at(tc.asked), at(tc.processed)))
		})
	}
}

func ExampleKeep() {
	fmt.Println(retention.Keep("2025-11-26", company))
	// Output: {2034-03-31 [CGST Act 2017, s.36 Companies Act 2013, s.128(5)]}
}
