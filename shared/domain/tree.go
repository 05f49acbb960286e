package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// MaxBody bounds a request's body in bytes.
const MaxBody = 256 << 10

// maxDepth bounds nesting: a request, its items, one item.
const maxDepth = 8

// malformed is the refusal of a body that cannot be read at all.
func malformed(code, message string, status int) *Error {
	return &Error{Kind: Invalid, Code: code, Message: message, Status: status}
}

// tree parses JSON strictly: UTF-8, one value, bounded depth, no key twice.
// Numbers stay as they were written.
func tree(body []byte) (map[string]any, error) {
	if len(body) > MaxBody {
		return nil, malformed("body_too_large", fmt.Sprintf("the body is over %d bytes", MaxBody), http.StatusRequestEntityTooLarge)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, malformed("body_empty", "the body is empty", http.StatusBadRequest)
	}
	if !utf8.Valid(body) || halfPair(body) {
		return nil, malformed("body_not_utf8", "the body is not UTF-8, or escapes half of a surrogate pair", http.StatusBadRequest)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v, err := value(d, 0)
	if err == nil {
		if _, end := d.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("more follows after the JSON value")
		}
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return nil, err
	}
	if err != nil {
		return nil, malformed("body_not_json", "the body is not JSON", http.StatusBadRequest)
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, malformed("body_not_object", "the body is not a JSON object", http.StatusBadRequest)
	}
	return object, nil
}

func value(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, malformed("body_too_deep", fmt.Sprintf("the body nests deeper than %d levels", maxDepth), http.StatusBadRequest)
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		return object(d, depth)
	case json.Delim('['):
		return array(d, depth)
	default:
		return t, nil
	}
}

func object(d *json.Decoder, depth int) (any, error) {
	fields := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, ok := t.(string)
		if !ok {
			return nil, errors.New("a key is not a string")
		}
		if _, twice := fields[name]; twice {
			e := malformed("duplicate_field", "a field is given twice", http.StatusBadRequest)
			e.Fields = []FieldError{{Field: clip(name), Code: "duplicate_field", Message: "given twice"}}
			return nil, e
		}
		if fields[name], err = value(d, depth+1); err != nil {
			return nil, within(clip(name), err)
		}
	}
	_, err := d.Token()
	return fields, err
}

func array(d *json.Decoder, depth int) (any, error) {
	items := []any{}
	for d.More() {
		v, err := value(d, depth+1)
		if err != nil {
			return nil, within(fmt.Sprintf("[%d]", len(items)), err)
		}
		items = append(items, v)
	}
	_, err := d.Token()
	return items, err
}

// within puts a step before the path of the field that a refusal names, on its
// way out; a body that is well formed pays nothing for it.
func within(step string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	f := &e.Fields[0]
	if !strings.HasPrefix(f.Field, "[") {
		step += "."
	}
	f.Field = step + f.Field
	return e
}
