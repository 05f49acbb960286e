package gst

import (
	"slices"
	"strings"
)

// span is the time in which a rule holds, and the codes that it holds for.
type span struct {
	from, until  Date     // first and last day; it still holds if until is empty
	begun, ended string   // notifications, such as 9/2025
	hsn          []string // the codes start with one of these; any code if empty
	exception    bool     // it holds for hsn alone, and a line must name its code
}

// holds reports whether the span includes a day.
func (s span) holds(on Date) bool { return on >= s.from && (s.until == "" || on <= s.until) }

// covers reports whether the span is for a code. A shorter code than those of the span
// covers them: sellers may give 4 digits only. A line without a code is covered, unless the
// span is an exception.
func (s span) covers(hsn string) bool {
	if len(s.hsn) == 0 || hsn == "" {
		return len(s.hsn) == 0 || !s.exception
	}
	return slices.ContainsFunc(s.hsn, func(prefix string) bool {
		return strings.HasPrefix(hsn, prefix) || strings.HasPrefix(prefix, hsn)
	})
}

// Codes that a notification names.
var (
	// precious holds natural and cultured pearls, precious stones and metals: chapter 71.
	precious = []string{"71"}
	// bricks holds bricks of fly ash and of fossil meals, building bricks and roofing tiles
	// (notification 2/2022-Central Tax (Rate)).
	bricks = []string{"6815", "69010010", "69041000", "69051000"}
	// tobacco holds pan masala, tobacco, and what contains it (schedule VII of notification
	// 9/2025-Central Tax (Rate)).
	tobacco = []string{"21069020", "2401", "2402", "2403", "24041100", "24041900"}
	// construction holds construction services.
	construction = []string{"9954"}
	// jobWork holds manufacturing services on goods that others own.
	jobWork = []string{"9988"}
)
