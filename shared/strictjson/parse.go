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

// MaxBody is the largest request body, in bytes: 1,000 lines with descriptions in Hindi fit, and
// so does the body in a message of SQS, which takes 1 MiB.
const MaxBody = 1_000_000

// maxDepth bounds nesting. A request needs three levels: itself, its items, one item.
const maxDepth = 8

// parse reads one JSON object strictly: UTF-8, nothing after it, bounded depth, no
// duplicate key. Numbers stay as they were written.
func parse(body []byte, limit int) (map[string]any, error) {
	if err := checkText(body, limit); err != nil {
		return nil, err
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
		return nil, malformed("body_not_json", "the body is not valid JSON"+whereFaulty(body))
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, malformed("body_not_object", "the body must be a JSON object")
	}
	return object, nil
}

// whereFaulty names the place of a body's first syntax error.
func whereFaulty(body []byte) string {
	fault, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(body, new(json.RawMessage)))
	switch {
	case !ok:
		return ""
	case fault.Offset >= int64(len(body)):
		return ": it ends too early"
	default:
		before := string(body[:max(fault.Offset-1, 0)])
		line := strings.Count(before, "\n") + 1
		column := utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
		return fmt.Sprintf(": see line %d, column %d", line, column)
	}
}

// checkText checks a body's size and encoding before it is decoded.
func checkText(body []byte, limit int) error {
	switch {
	case len(body) > limit:
		e := malformed("body_too_large", fmt.Sprintf("the body must have at most %d bytes", limit))
		e.Status = http.StatusRequestEntityTooLarge
		return e
	case len(bytes.TrimSpace(body)) == 0:
		return malformed("body_empty", "the body is empty; send a JSON object")
	case !utf8.Valid(body):
		return malformed("body_not_utf8", "the body must be encoded in UTF-8")
	case loneSurrogate(body):
		return malformed("body_not_utf8", `the body must not escape half of a surrogate pair, such as \ud83d alone`)
	default:
		return nil
	}
}

// malformed returns the refusal of a body that cannot be read at all.
func malformed(code, message string) *problem.Error {
	return &problem.Error{Kind: problem.Invalid, Code: code, Message: message, Status: http.StatusBadRequest}
}

func parseValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, malformed("body_too_deep", fmt.Sprintf("the body must not nest deeper than %d levels", maxDepth))
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
		if _, duplicate := fields[name]; duplicate {
			e := malformed("duplicate_field", "the body has a duplicate field; send each field once")
			e.Fields = []problem.FieldError{{
				Field: problem.Clip(name), Code: "duplicate_field", Message: "appears more than once",
			}}
			return nil, e
		}
		if fields[name], err = parseValue(d, depth+1); err != nil {
			return nil, prefixField(problem.Clip(name), err)
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
			return nil, prefixField(fmt.Sprintf("[%d]", len(items)), err)
		}
		items = append(items, v)
	}
	_, err := d.Token()
	return items, err
}

// prefixField puts step before the path of the field that a refusal names. The path is
// built while the error returns, so that a well-formed body pays nothing for it.
func prefixField(step string, err error) error {
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
