// Package hsn knows the HSN codes of goods and the SAC codes of services that the GST portal
// accepts.
package hsn

import (
	_ "embed"
	"strings"
)

// codes holds 22,419 codes in 58 KB. Their source is the list of HSN and SAC codes in GSTN's
// Returns Offline Tool, version 3.2.4 (gst.gov.in, Downloads, Offline Tools). A line holds a
// heading of 4 digits and then its codes of 6 digits without it. Each of these is followed by
// the last 2 digits of its codes of 8. A hyphen marks a code that is not accepted by itself:
//
//	0102 10-10203090 211020 291090
//
// means 0102, 01021010, 01021020, 01021030, 01021090, 010221, 01022110 and so on, and not
// 010210. Package generate writes the file; the lines are in order, so that a search needs
// neither memory nor time at start.
//
//go:embed codes.txt
var codes string

// Lengths of codes.
const (
	chapter    = 2
	heading    = 4
	subheading = 6
	item       = 8
)

// unlisted follows a code that is there for the codes that begin with it.
const unlisted = "-"

// Known reports whether the portal accepts a code of 4, 6 or 8 digits. A chapter, of 2 digits,
// is known if it has headings.
func Known(code string) bool {
	switch len(code) {
	case chapter:
		return line(code) != ""
	case heading:
		own, _, _ := strings.Cut(line(code), " ")
		return own == code
	case subheading, item:
		return hasCode(line(code[:heading]), code[heading:])
	default:
		return false
	}
}

// hasCode reports whether a heading's line has a code, given without the heading.
func hasCode(line, code string) bool {
	_, fields, _ := strings.Cut(line, " ")
	for field := range strings.FieldsSeq(fields) {
		if items, found := strings.CutPrefix(field, code[:2]); found {
			items, missing := strings.CutPrefix(items, unlisted)
			return len(code) == 2 && !missing || len(code) > 2 && hasItem(items, code[2:])
		}
	}
	return false
}

func hasItem(items, code string) bool {
	for ; items != ""; items = items[len(code):] {
		if strings.HasPrefix(items, code) {
			return true
		}
	}
	return false
}

// line returns the first line that begins with prefix; empty if there is none.
func line(prefix string) string {
	low, high := 0, len(codes)
	for low < high {
		middle := (low + high) / 2
		start := strings.LastIndexByte(codes[:middle], '\n') + 1
		end := start + strings.IndexByte(codes[start:], '\n')
		if codes[start:end] < prefix {
			low = end + 1
		} else {
			high = start
		}
	}
	found, _, _ := strings.Cut(codes[low:], "\n")
	if !strings.HasPrefix(found, prefix) {
		return ""
	}
	return found
}
