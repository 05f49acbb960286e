package gst

import (
	"regexp"
	"unicode/utf8"

	"github.com/invochain/invochain/shared/strictjson"
)

// Bounds of INV-01, in characters.
const (
	minCity  = 3
	maxCity  = 50
	maxEmail = 100
)

var (
	phonePattern = regexp.MustCompile(`^[0-9]{6,12}$`)
	emailPattern = regexp.MustCompile(`^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
)

// ReadCity reads a city of 3 to 50 characters.
func ReadCity(r *strictjson.Reader, name string) string {
	city := r.Text(name, maxCity)
	if city != "" && utf8.RuneCountInString(city) < minCity {
		r.Fail(name, "too_short", "must have at least 3 characters")
	}
	return city
}

// ReadPIN reads a PIN code of India.
func ReadPIN(r *strictjson.Reader, name string) string {
	return strictjson.Matching(r, name, "pin_malformed", ParsePIN)
}

// ReadPhone reads a phone number of 6 to 12 digits.
func ReadPhone(r *strictjson.Reader, name string) string {
	return strictjson.Matching(r, name, "phone_malformed", matches(phonePattern, "6 to 12 digits"))
}

// ReadEmail reads an email address of at most 100 characters.
func ReadEmail(r *strictjson.Reader, name string) string {
	email := r.Text(name, maxEmail)
	if email != "" && !emailPattern.MatchString(email) {
		r.Fail(name, "email_malformed", "must be an address such as accounts@example.in")
	}
	return email
}
