package listing

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/invochain/invochain/shared/problem"
)

// maxPosition bounds the position in a cursor in bytes.
const maxPosition = 160

// Cursor returns the cursor of a query that stands at a position; empty for none. A query is
// the merchant's id and whatever else selects the items.
func Cursor(query, position string) string {
	if position == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(mark(query) + position))
}

// Position returns the position of a cursor; empty for an empty one. Error: Invalid, if the
// cursor is not one of this query. With a cursor of another merchant or other filters a list
// would look as if it had ended. A position can be forged: the caller checks its form, and
// takes the partition from the request.
func Position(query, cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	position, ours := strings.CutPrefix(string(text), mark(query))
	if err != nil || !ours || position == "" || len(position) > maxPosition {
		return "", Invalid()
	}
	return position, nil
}

// mark marks the cursors of a query.
func mark(query string) string {
	sum := sha256.Sum256([]byte(query))
	return hex.EncodeToString(sum[:4])
}

// Invalid returns the 400 `cursor_invalid` of a cursor that the list did not return.
func Invalid() error {
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusBadRequest, Code: "cursor_invalid", Message: "the cursor is not valid",
		Fields: []problem.FieldError{{
			Field: "cursor", Code: "cursor_invalid",
			Message: "must be next_cursor of the previous page of the same list, with the same filters",
		}},
	}
}
