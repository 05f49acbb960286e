package gst_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

// notice is a rate of a notification of Central Tax (Rate), with its first and last day in
// India; still in force without a last day.
type notice struct {
	notification, hsn, rate string
	first, last             gst.Date
}

func goodsNotices() []notice {
	return []notice{
		{"2/2017 exempt", "10019910", "0", "2017-07-01", ""},
		{"40/2017 merchants who export", "732393", "0.1", "2017-10-23", ""},
		{"1/2017 rough stones", "7103", "0.25", "2017-07-01", ""},
		{"6/2022 cut diamonds", "710239", "1.5", "2022-07-18", ""},
		{"1/2017 gold", "71081200", "3", "2017-07-01", ""},
		{"1/2017 schedule I", "100630", "5", "2017-07-01", ""},
		{"2/2022 bricks of fly ash", "681599", "6", "2022-04-01", ""},
		{"2/2022 bricks of fossil meals", "69010010", "6", "2022-04-01", ""},
		{"2/2022 building bricks", "690410", "6", "2022-04-01", ""},
		{"2/2022 roofing tiles", "69051000", "6", "2022-04-01", ""},
		{"1/2017 schedule II, ended by 9/2025", "48202000", "12", "2017-07-01", "2025-09-21"},
		{"1/2017, then 14/2025, bricks of fly ash", "6815", "12", "2017-07-01", ""},
		{"1/2017, then 14/2025, building bricks", "69041000", "12", "2017-07-01", ""},
		{"1/2017 schedule III", "732393", "18", "2017-07-01", ""},
		{"1/2017 schedule IV, ended by 9/2025", "852872", "28", "2017-07-01", "2025-09-21"},
		{"9/2025 schedule VII, ended by 19/2025, pan masala", "21069020", "28", "2017-07-01", "2026-01-31"},
		{"9/2025 schedule VII, ended by 19/2025, cigarettes", "240220", "28", "2017-07-01", "2026-01-31"},
		{"9/2025 schedule VII, ended by 19/2025, inhaled", "24041900", "28", "2017-07-01", "2026-01-31"},
		{"19/2025 biris", "24031921", "18", "2017-07-01", ""},
		{"9/2025 schedule III", "22021010", "40", "2025-09-22", ""},
	}
}

func serviceNotices() []notice {
	return []notice{
		{"12/2017 exempt", "999210", "0", "2017-07-01", ""},
		{"3/2019 affordable homes", "995411", "1.5", "2019-04-01", ""},
		{"20/2019 job work on diamonds", "998892", "1.5", "2019-10-01", ""},
		{"11/2017 transport", "996511", "5", "2017-07-01", ""},
		{"3/2019 other homes", "995411", "7.5", "2019-04-01", ""},
		{"11/2017, ended by 15/2025", "996311", "12", "2017-07-01", "2025-09-21"},
		{"11/2017 other services", "998314", "18", "2017-07-01", ""},
		{"11/2017, ended by 15/2025, betting", "999692", "28", "2017-07-01", "2025-09-21"},
		{"15/2025 betting", "999692", "40", "2025-09-22", ""},
	}
}

// TestNotificationsByDay judges each rate on the day before it began, on its first and last
// day, and on the day after. The days are taken at their first and last second in India.
func TestNotificationsByDay(t *testing.T) {
	for kind, notices := range map[string][]notice{
		`"unit":"NOS"`: goodsNotices(), `"is_service":true`: serviceNotices(),
	} {
		for _, n := range notices {
			t.Run(n.notification+", "+n.hsn, func(t *testing.T) {
				body := edit(edit(oneLine("1", "100", n.rate, ""), `"unit":"NOS"`, kind), "732393", n.hsn)
				for day, inForce := range n.days(t) {
					codes := findingCodes(assess(t, edit(body, "2025-11-26", string(day))))
					require.Equal(t, inForce, !slices.Contains(codes, "rate_not_in_force"), day)
				}
			})
		}
	}
}

// days returns the days around the notice's border, and whether its rate is in force on them.
func (n notice) days(t *testing.T) map[gst.Date]bool {
	t.Helper()
	midnight := func(day gst.Date) time.Time {
		at, err := time.Parse(time.RFC3339, string(day)+"T00:00:00+05:30")
		require.NoError(t, err)
		return at.UTC()
	}
	first := midnight(n.first)
	days := map[gst.Date]bool{gst.DayInIndia(first): true}
	if n.first != "2017-07-01" {
		days[gst.DayInIndia(first.Add(-time.Second))] = false
	}
	if n.last == "" {
		days["2026-11-29"] = true
		return days
	}
	end := midnight(n.last).Add(24 * time.Hour)
	days[gst.DayInIndia(end.Add(-time.Second))] = true
	days[gst.DayInIndia(end)] = false
	return days
}

// findingCodes returns the codes of an invoice's findings; nil if there are none.
func findingCodes(inv gst.Invoice) (codes []string) {
	for _, f := range inv.Compliance.Findings {
		codes = append(codes, f.Code)
	}
	return codes
}

func TestDayInIndia(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]gst.Date{
		"2026-01-31T18:29:59Z": "2026-01-31", "2026-01-31T18:30:00Z": "2026-02-01", "2026-02-01T00:00:00Z": "2026-02-01",
		"2025-12-31T13:30:00-05:00": "2026-01-01",
	} {
		instant, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		require.Equal(t, want, gst.DayInIndia(instant), at)
	}
}
