package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/invochain/invochain/shared/strictjson"
)

// Bounds of the items of a page.
const (
	defaultLimit = 20
	maxLimit     = 100
)

// maxPage bounds the items of a page in bytes. A function's answer is at most 6,291,556 bytes
// of JSON, in which the body is a string: its quotes and backslashes take two bytes each.
const maxPage = 4 << 20

// Page gathers the items of a page that is bounded in bytes.
type Page struct {
	Items []json.RawMessage
	size  int
	err   error
}

// NewPage returns an empty page.
func NewPage() *Page { return &Page{Items: []json.RawMessage{}} }

// Add adds v as JSON and reports whether it fits. The first item always does.
func (p *Page) Add(v any) bool {
	item, err := strictjson.Marshal(v)
	if err != nil {
		p.err = err
		return false
	}
	size := len(item) + bytes.Count(item, []byte(`"`)) + bytes.Count(item, []byte(`\`)) + 1
	if p.size+size > maxPage && len(p.Items) > 0 {
		return false
	}
	p.Items, p.size = append(p.Items, item), p.size+size
	return true
}

// JSON returns the page as a response, with its items under name. next is the cursor of the
// next page, empty on the last.
func (p *Page) JSON(name, next string) (Response, error) {
	page := map[string]any{name: p.Items}
	if next != "" {
		page["next_cursor"] = next
	}
	if p.err != nil {
		return Response{}, p.err
	}
	return JSON(http.StatusOK, page)
}

// Limit returns the query parameter limit, 1 to 100, or its default, 20. Error: a 400 for any
// other value.
func (r Request) Limit() (int, error) {
	s := r.Query("limit")
	if s == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxLimit {
		return 0, InvalidQuery("limit", "must be 1 to 100")
	}
	return n, nil
}
