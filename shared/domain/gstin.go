package domain

import (
	"fmt"
	"regexp"
	"strings"
)

// GSTIN is a goods and services tax identification number of well-formed shape;
// its check character may still be wrong.
type GSTIN string

// The classes of registration, by shape. The 14th character of a normal one is
// not only Z.
var gstinShapes = []*regexp.Regexp{
	regexp.MustCompile(`^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z][Z1-9ABCDE-J][0-9A-Z]$`), // normal, TCS
	regexp.MustCompile(`^[0-9]{2}[A-Z]{4}[0-9]{5}[A-Z][0-9]Z[0-9]$`),                   // government department
	regexp.MustCompile(`^[0-9]{2}[A-Z]{4}[A-Z0-9][0-9]{4}[A-Z][1-9A-Z]D[0-9A-Z]$`),     // TDS
	regexp.MustCompile(`^[0-9]{4}[A-Z]{3}[0-9]{5}[UO]N[A-Z0-9]$`),                      // UIN
	regexp.MustCompile(`^[0-9]{4}[A-Z]{3}[0-9]{5}NR[0-9A-Z]$`),                         // non-resident
	regexp.MustCompile(`^99[0-9]{2}[A-Z]{3}[0-9]{5}OS[0-9A-Z]$`),                       // OIDAR
}

const gstinAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// ParseGSTIN takes a GSTIN of a known shape; lower case and blanks are refused,
// not mended, since what was sent is what the portal would get.
func ParseGSTIN(s string) (GSTIN, error) {
	for _, shape := range gstinShapes {
		if shape.MatchString(s) {
			return GSTIN(s), nil
		}
	}
	return "", fmt.Errorf("%q is not a GSTIN", s)
}

// State is the code of the state that registered it.
func (g GSTIN) State() string { return string(g[:2]) }

// PAN of the registered person; only normal registrations hold one.
func (g GSTIN) PAN() string { return string(g[2:12]) }

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

// Checks tells whether the check character is right.
func (g GSTIN) Checks() bool { return g[14] == g.CheckCharacter() }
