package inventory

import (
	"net/http"
	"regexp"
	"strconv"

	"github.com/invochain/invochain/shared/problem"
)

var etagPattern = regexp.MustCompile(`^"(0|[1-9][0-9]{0,17})"$`)

// ETag returns the level's version as an entity tag (RFC 9110 s.8.8.3): `"7"`.
func (l Level) ETag() string { return `"` + strconv.FormatInt(l.Version, 10) + `"` }

// ParseIfMatch returns the version that an If-Match header names; nil if the header is empty.
// Error: *problem.Error of status 400 for anything but one entity tag of a Level. A list of
// tags, a weak one and `*` would not name the reading that a count is based on.
func ParseIfMatch(header string) (*int64, error) {
	if header == "" {
		return nil, nil //nolint:nilnil // no precondition
	}
	if tag := etagPattern.FindStringSubmatch(header); tag != nil {
		if v, err := strconv.ParseInt(tag[1], 10, 64); err == nil {
			return &v, nil
		}
	}
	const message = `must be the ETag of a reading of this stock, such as "7" with its quotes`
	return nil, &problem.Error{
		Kind: problem.Invalid, Status: http.StatusBadRequest, Code: "if_match_invalid",
		Message: "If-Match " + message,
		Fields:  []problem.FieldError{{Field: "If-Match", Code: "if_match_invalid", Message: message}},
	}
}
