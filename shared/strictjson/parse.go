package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/invochain/invochain/shared/problem"
)

// MaxBody is the largest request body, in bytes.
const MaxBody = 256 << 10

// maxDepth bounds nesting: a request, its items, one item.
const maxDepth = 8

// malformed returns the refusal of a body that cannot be read at all.
func malformed(code, message string, status int) *problem.Error {
	return &problem.Error{Kind: problem.Invalid, Code: code, Message: message, Status: status}
}

// parse reads JSON strictly: UTF-8, one value, bounded depth, no duplicate key.
// Numbers stay as they were written.
func parse(body []byte) (map[string]any, error) {
	if len(body) > MaxBody {
		return nil, malformed("body_too_large", fmt.Sprintf("the body is over %d bytes", MaxBody), http.StatusRequestEntityTooLarge)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, malformed("body_empty", "the body is empty", http.StatusBadRequest)
	}
	if !utf8.Valid(body) || loneSurrogate(body) {
		return nil, malformed("body_not_utf8", "the body is not UTF-8, or escapes half of a surrogate pair", http.StatusBadRequest)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	v, err := parseValue(d, 0)
	if err == nil {
		if _, end := d.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("trailing data after the JSON value")
		}
	}
	if _, ok := errors.AsType[*problem.Error](err); ok {
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

func parseValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, malformed("body_too_deep", fmt.Sprintf("the body nests deeper than %d levels", maxDepth), http.StatusBadRequest)
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		return parseObject(d, depth)
	case json.Delim('['):
		return parseArray(d, depth)
	default:
		return t, nil
	}
}

func parseObject(d *json.Decoder, depth int) (any, error) {
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
			e.Fields = []problem.FieldError{{Field: clip(name), Code: "duplicate_field", Message: "given twice"}}
			return nil, e
		}
		if fields[name], err = parseValue(d, depth+1); err != nil {
			return nil, inField(clip(name), err)
		}
	}
	_, err := d.Token()
	return fields, err
}

func parseArray(d *json.Decoder, depth int) (any, error) {
	items := []any{}
	for d.More() {
		v, err := parseValue(d, depth+1)
		if err != nil {
			return nil, inField(fmt.Sprintf("[%d]", len(items)), err)
		}
		items = append(items, v)
	}
	_, err := d.Token()
	return items, err
}

// inField prefixes the path of the field that a refusal names, on its way out, so that
// a well-formed body pays nothing for it.
func inField(step string, err error) error {
	e, ok := errors.AsType[*problem.Error](err)
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
