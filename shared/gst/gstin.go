package gst

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/invochain/invochain/shared/problem"
)

// GSTIN is a goods and services tax identification number of a known form; its check
// character may still be wrong.
type GSTIN string //nolint:revive // the law's own name, which starts like the package's

// registration is a class of registered persons. The form of a GSTIN shows its class.
type registration struct {
	pattern *regexp.Regexp
	buys    bool // can be the recipient of a registered supply in GSTR-1
	sells   bool // issues tax invoices in a state
	zone    bool // can be that of a unit or developer of a special economic zone
}

// registrations lists the classes in order of precedence: the pattern of the normal class
// also matches the GSTINs of persons who deduct or collect tax at source, whose 14th
// character is D or C. The portal allows other 14th characters than Z for the normal class.
var registrations = []registration{
	// deducts tax at source
	{regexp.MustCompile(`^[0-9]{2}[A-Z]{4}[A-Z0-9][0-9]{4}[A-Z][1-9A-Z]D[0-9A-Z]$`), true, false, false},
	// collects tax at source
	{regexp.MustCompile(`^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]C[0-9A-Z]$`), true, false, false},
	// normal
	{regexp.MustCompile(`^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][Z1-9ABE-J][0-9A-Z]$`), true, true, true},
	// government department
	{regexp.MustCompile(`^[0-9]{2}[A-Z]{4}[0-9]{5}[A-Z][0-9]Z[0-9]$`), true, true, false},
	// UIN: embassies, UN bodies
	{regexp.MustCompile(`^[0-9]{4}[A-Z]{3}[0-9]{5}[UO]N[A-Z0-9]$`), true, false, false},
	// non-resident
	{regexp.MustCompile(`^[0-9]{4}[A-Z]{3}[0-9]{5}NR[0-9A-Z]$`), false, true, false},
	// online services from abroad
	{regexp.MustCompile(`^99[0-9]{2}[A-Z]{3}[0-9]{5}OS[0-9A-Z]$`), false, false, false},
}

var panPattern = regexp.MustCompile(`^[A-Z]{5}[0-9]{4}[A-Z]$`)

const gstinAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// ParseGSTIN accepts a GSTIN of a known form. Lower case and blanks are refused, not
// repaired: the portal would get what was sent.
func ParseGSTIN(s string) (GSTIN, error) {
	if GSTIN(s).registration().pattern == nil {
		return "", fmt.Errorf("%q is not a GSTIN; it has 15 digits and capital letters, such as 27AABCU9603R1ZN",
			problem.Clip(s))
	}
	return GSTIN(s), nil
}

// registration returns the class of the GSTIN; the zero value if its form is unknown.
func (g GSTIN) registration() registration {
	for _, r := range registrations {
		if r.pattern.MatchString(string(g)) {
			return r
		}
	}
	return registration{}
}

// State returns the code of the state that registered it.
func (g GSTIN) State() string { return string(g[:2]) }

// PAN returns the income-tax number of the registered person; empty for the classes that
// are registered under another number.
func (g GSTIN) PAN() string {
	if pan := string(g[2:12]); panPattern.MatchString(pan) {
		return pan
	}
	return ""
}

// CheckCharacter returns what the last character should be: each of the first 14 characters
// is multiplied by 1 and 2 in turn, and the base-36 digits of the products are added up.
func (g GSTIN) CheckCharacter() byte {
	sum := 0
	for i := range 14 {
		p := strings.IndexByte(gstinAlphabet, g[i]) * (1 + i%2)
		sum += p/36 + p%36
	}
	return gstinAlphabet[(36-sum%36)%36]
}

// ValidChecksum reports whether the check character is correct.
func (g GSTIN) ValidChecksum() bool { return g[14] == g.CheckCharacter() }
