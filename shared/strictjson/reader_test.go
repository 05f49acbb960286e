package strictjson_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

func read(t *testing.T, body string) *strictjson.Reader {
	t.Helper()
	r, err := strictjson.Read([]byte(body))
	require.NoError(t, err)
	return r
}

// upper accepts capital letters, and refuses X with a code of its own.
func upper(s string) (string, error) {
	switch s {
	case "X":
		return s, strictjson.ValueError{Code: "reserved", Message: "is reserved"}
	case strings.ToUpper(s):
		return s, nil
	default:
		return s, errors.New("must be capital letters")
	}
}

// flagText and decimal adapt the readers of other types to the table below.
func flagText(r *strictjson.Reader) any { return r.Flag("f") }

func decimal(r *strictjson.Reader) any {
	literal, _ := r.Decimal("f")
	return literal
}

func TestValues(t *testing.T) {
	t.Parallel()
	text := func(r *strictjson.Reader) any { return r.Text("f", 3) }
	lines := func(r *strictjson.Reader) any { return r.Lines("f", 5) }
	oneOf := func(r *strictjson.Reader) any { return r.OneOf("f", "", "A", "B") }
	matching := func(r *strictjson.Reader) any { return strictjson.Matching(r, "f", "not_upper", upper) }
	for name, tc := range map[string]struct {
		read  func(*strictjson.Reader) any
		value string
		want  any
		code  string
	}{
		"text":                      {text, `"abc"`, "abc", ""},
		"text in characters":        {text, `"शशश"`, "शशश", ""},
		"text, null":                {text, `null`, "", ""},
		"text too long":             {text, `"abcd"`, "", "too_long"},
		"text of another type":      {text, `1`, "", "wrong_type"},
		"text with a control":       {text, `"a\u0000"`, "", "control_character"},
		"text of two lines":         {text, `"a\n"`, "", "control_character"},
		"text with an override":     {text, `"a\u202e"`, "", "control_character"},
		"text with an isolate":      {lines, `"a\u2066"`, "", "control_character"},
		"text with a mark":          {text, `"a\u200f"`, "a\u200f", ""},
		"lines":                     {lines, `"a\r\n\tb"`, "a\r\n\tb", ""},
		"lines with a control":      {lines, `"a\u000b"`, "", "control_character"},
		"number with an exponent":   {decimal, `1.0E7`, "10000000", ""},
		"number, a small exponent":  {decimal, `-1.50e-3`, "-0.0015", ""},
		"number, zero exponent":     {decimal, `0e0`, "0", ""},
		"number, a long exponent":   {decimal, `1e400`, "1e400", ""},
		"exponent in a string":      {decimal, `"1e2"`, "1e2", ""},
		"number as written":         {decimal, `1.50`, "1.50", ""},
		"number in a string":        {decimal, `"1.50"`, "1.50", ""},
		"number beyond a float":     {decimal, `123456789012345678901234567890`, "123456789012345678901234567890", ""},
		"number, null":              {decimal, `null`, "", ""},
		"number of another type":    {decimal, `true`, "", "wrong_type"},
		"flag":                      {flagText, `true`, true, ""},
		"flag, null":                {flagText, `null`, false, ""},
		"flag of another type":      {flagText, `"true"`, false, "wrong_type"},
		"one of":                    {oneOf, `"B"`, "B", ""},
		"one of, the default":       {oneOf, `null`, "", ""},
		"not one of":                {oneOf, `"C"`, "C", "unknown_value"},
		"matching":                  {matching, `"AB"`, "AB", ""},
		"matching, null":            {matching, `null`, "", ""},
		"not matching":              {matching, `"ab"`, "", "not_upper"},
		"not matching, a code":      {matching, `"X"`, "", "reserved"},
		"matching of another type":  {matching, `[]`, "", "wrong_type"},
		"matching of 65 characters": {matching, `"` + strings.Repeat("A", 65) + `"`, "", "too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := read(t, `{"f":`+tc.value+`}`)
			require.Equal(t, tc.want, tc.read(r))
			r.Finish()
			if tc.code == "" {
				require.NoError(t, r.Err())
				return
			}
			_, codes := refusal(t, r.Err())
			require.Equal(t, map[string]string{"f": tc.code}, codes)
		})
	}
}

func TestMessagesNameTheAllowedValues(t *testing.T) {
	t.Parallel()
	r := read(t, `{"f":"C"}`)
	r.OneOf("f", "", "A", "B")
	e, _ := refusal(t, r.Err())
	require.Equal(t, "must be one of A, B", e.Fields[0].Message)
}

func TestMessagesNameTheControlCharacter(t *testing.T) {
	t.Parallel()
	r := read(t, `{"f":"शर्मा\u0007"}`)
	r.Text("f", 10)
	e, _ := refusal(t, r.Err())
	require.Equal(t, "must not contain U+0007, a control character, at position 6", e.Fields[0].Message)
}

func TestEveryFaultIsCollected(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 100)
	r := read(t, `{"a":1,"empty":"","typo":1,"`+long+`":1,"items":[{"b":1,"typo":2}]}`)
	r.Text("a", 1)
	items, ok := r.Take("items").([]any)
	require.True(t, ok)
	fields, ok := items[0].(map[string]any)
	require.True(t, ok)
	child := r.Child("items[0]", fields)
	child.Text("b", 1)
	child.Finish()
	r.Text("empty", 1)
	r.Require("a", "empty", "absent")
	r.Finish()
	_, codes := refusal(t, r.Err())
	require.Equal(t, map[string]string{
		"a": "wrong_type", "empty": "required", "absent": "required", "typo": "unknown_field",
		long[:64] + "…": "unknown_field", "items[0].b": "wrong_type", "items[0].typo": "unknown_field",
	}, codes)
}

func ExampleReader() {
	r, err := strictjson.Read([]byte(`{"name":"Asha Traders","compliance":"lax","city":"Pune"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r.Text("name", 100)
	r.OneOf("compliance", "strict", "advise")
	r.Text("address", 500)
	r.Require("name", "gstin")
	r.Finish()
	if e, ok := errors.AsType[*problem.Error](r.Err()); ok {
		fmt.Println(e.Status)
		for _, f := range e.Fields {
			fmt.Println(f.Field, f.Message)
		}
	}
	// Output:
	// 400
	// compliance must be one of strict, advise
	// gstin is required
	// city is not a known field; check its spelling
}

// TestAWrappedBodyKeepsItsNames: the caller does not know what wraps the body.
func TestAWrappedBodyKeepsItsNames(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"id":1,"body":{"a":{"b":1}}}`: "a.b: unknown_field",
		`{"id":1,"body":[]}`:            "body: wrong_type",
	} {
		r := read(t, body)
		inner := r.Unwrap("body")
		inner.Object("a").Finish()
		inner.Finish()
		known, ok := errors.AsType[*problem.Error](r.Err())
		require.True(t, ok, body)
		require.Len(t, known.Fields, 1)
		require.Equal(t, want, known.Fields[0].Field+": "+known.Fields[0].Code)
	}
}
