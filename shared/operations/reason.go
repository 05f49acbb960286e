package operations

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"

	"github.com/invochain/invochain/events"
)

var (
	// quoted matches what a reason quotes, up to its end if the reason was cut.
	quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*(?:"|\\?$)`)
	// fieldName matches a path that a field of our requests could have.
	fieldName = regexp.MustCompile(`^[a-z][a-z_]{0,31}(\[\d+\])?(\.[a-z][a-z_]{0,31}(\[\d+\])?)*$`)
)

// reasonOf returns the reason of a refusal without what it may hold of the message: the name
// of an unknown field, with which it begins, and what it quotes.
func reasonOf(code, reason string) string {
	field, rest, _ := strings.Cut(reason, ": ")
	if (code == "invalid_request" || code == "duplicate_field") && !fieldName.MatchString(field) {
		reason = "…: " + rest
	}
	return withoutQuotes(reason)
}

// withoutQuotes returns a reason on one line, without what it quotes. Reasons are our own
// texts, and put every value of a request into quotation marks.
func withoutQuotes(reason string) string {
	reason = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, quoted.ReplaceAllString(reason, `"…"`))
	return strings.TrimSpace(reason)
}

// compensationFailure returns what a message of the compensation DLQ says of the failure: the
// step, and the error and cause of Step Functions.
func compensationFailure(body string) string {
	var m events.CompensationFailed
	var failure struct{ Error, Cause string }
	var cause struct {
		Message string `json:"errorMessage"`
	}
	_ = json.Unmarshal([]byte(body), &m) // a message that is malformed has no reason
	_ = json.Unmarshal(m.Error, &failure)
	if json.Unmarshal([]byte(failure.Cause), &cause) != nil {
		cause.Message = failure.Cause // of Step Functions itself
	}
	var parts []string
	for _, part := range []string{m.Step, failure.Error, cause.Message} {
		if part != "" {
			parts = append(parts, withoutQuotes(part))
		}
	}
	return strings.Join(parts, ": ")
}
