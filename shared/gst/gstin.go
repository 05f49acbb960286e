package gst

import (
	"fmt"
	"regexp"
	"strings"
)

// GSTIN is a goods and services tax identification number of well-formed shape;
// its check character may still be wrong.
type GSTIN string //nolint:revive // the law's own name, which begins like the package

// registration is a class of GSTINs, told by their shape.
type registration struct {
	shape *regexp.Regexp
	buys  bool // can be the recipient of a registered supply in GSTR-1
	sells bool // issues tax invoices in a state
}

// registrations in order of precedence: the normal shape covers those that deduct
// or collect tax, whose 14th character is D or C. That of the rest is not only Z.
var registrations = []registration{
	{regexp.MustCompile(`^[0-9]{2}[A-Z]{4}[A-Z0-9][0-9]{4}[A-Z][1-9A-Z]D[0-9A-Z]$`), true, false},  // deducts tax at source
	{regexp.MustCompile(`^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]C[0-9A-Z]$`), true, false},          // collects tax at source
	{regexp.MustCompile(`^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][Z1-9ABE-J][0-9A-Z]$`), true, true}, // normal
	{regexp.MustCompile(`^[0-9]{2}[A-Z]{4}[0-9]{5}[A-Z][0-9]Z[0-9]$`), true, true},                 // government department
	{regexp.MustCompile(`^[0-9]{4}[A-Z]{3}[0-9]{5}[UO]N[A-Z0-9]$`), true, false},                   // UIN: embassies, UN bodies
	{regexp.MustCompile(`^[0-9]{4}[A-Z]{3}[0-9]{5}NR[0-9A-Z]$`), false, true},                      // non-resident
	{regexp.MustCompile(`^99[0-9]{2}[A-Z]{3}[0-9]{5}OS[0-9A-Z]$`), false, false},                   // online services from abroad
}

var panShape = regexp.MustCompile(`^[A-Z]{5}[0-9]{4}[A-Z]$`)

const gstinAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// ParseGSTIN takes a GSTIN of a known shape; lower case and blanks are refused,
// not mended, since what was sent is what the portal would get.
func ParseGSTIN(s string) (GSTIN, error) {
	if GSTIN(s).registration().shape == nil {
		return "", fmt.Errorf("%q is not a GSTIN", s)
	}
	return GSTIN(s), nil
}

func (g GSTIN) registration() registration {
	for _, r := range registrations {
		if r.shape.MatchString(string(g)) {
			return r
		}
	}
	return registration{}
}

// State is the code of the state that registered it.
func (g GSTIN) State() string { return string(g[:2]) }

// PAN is the income-tax number of the registered person; empty for the classes
// that are registered under another one.
func (g GSTIN) PAN() string {
	if pan := string(g[2:12]); panShape.MatchString(pan) {
		return pan
	}
	return ""
}

// CheckCharacter is what the last character should be: weights 1, 2, 1, 2 … over
// the alphabet 0-9A-Z, each product's base-36 digits added up.
func (g GSTIN) CheckCharacter() byte {
	sum := 0
	for i := range 14 {
		p := strings.IndexByte(gstinAlphabet, g[i]) * (1 + i%2)
		sum += p/36 + p%36
	}
	return gstinAlphabet[(36-sum%36)%36]
}

// ValidChecksum tells whether the check character is right.
func (g GSTIN) ValidChecksum() bool { return g[14] == g.CheckCharacter() }
