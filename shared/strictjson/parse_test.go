package strictjson_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

// refusal returns the refusal that err holds, and the code of each of its fields.
func refusal(t *testing.T, err error) (*problem.Error, map[string]string) {
	t.Helper()
	e, ok := errors.AsType[*problem.Error](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, problem.Invalid, e.Kind)
	codes := map[string]string{}
	for _, f := range e.Fields {
		codes[f.Field] = f.Code
		require.NotEmpty(t, f.Message)
	}
	return e, codes
}

func TestMalformedBodies(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body   string
		status int
		code   string
		field  string
	}{
		"empty":                     {"", 400, "body_empty", ""},
		"blank":                     {" \n", 400, "body_empty", ""},
		"half an object":            {`{"a":`, 400, "body_not_json", ""},
		"two values":                {`{} {}`, 400, "body_not_json", ""},
		"trailing data":             {`{"a":[]}x`, 400, "body_not_json", ""},
		"null":                      {`null`, 400, "body_not_object", ""},
		"a string":                  {`"x"`, 400, "body_not_object", ""},
		"an array":                  {`[{}]`, 400, "body_not_object", ""},
		"not UTF-8":                 {"{\"name\":\"\xff\"}", 400, "body_not_utf8", ""},
		"half a pair":               {`{"name":"a\ud83d"}`, 400, "body_not_utf8", ""},
		"the halves swapped":        {`{"name":"\ude00\ud83d"}`, 400, "body_not_utf8", ""},
		"half a pair in a key":      {`{"\ud83d":1}`, 400, "body_not_utf8", ""},
		"a thousand levels":         {strings.Repeat(`[`, 1000), 400, "body_too_deep", ""},
		"twenty levels":             {`{"items":[` + nested(20) + `]}`, 400, "body_too_deep", ""},
		"too large":                 {`{"a":"` + strings.Repeat("x", strictjson.MaxBody) + `"}`, 413, "body_too_large", ""},
		"duplicate":                 {`{"series":"A","series":"B"}`, 400, "duplicate_field", "series"},
		"duplicate in an array":     {`{"items":[{},{"sku":"A","sku":"A"}]}`, 400, "duplicate_field", "items[1].sku"},
		"duplicate by its escape":   {`{"sku":1,"\u0073ku":1}`, 400, "duplicate_field", "sku"},
		"duplicate in nested array": {`{"a":[[{"b":1,"b":2}]]}`, 400, "duplicate_field", "a[0][0].b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := strictjson.Read([]byte(tc.body))
			e, codes := refusal(t, err)
			require.Equal(t, tc.status, e.Status)
			require.Equal(t, tc.code, e.Code)
			if tc.field != "" {
				require.Equal(t, map[string]string{tc.field: tc.code}, codes)
			}
		})
	}
}

func TestSyntaxErrorsNameTheirPlace(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"{\n  \"name\": \"शर्मा\", x}": "the body is not valid JSON: see line 2, column 20",
		`{"a":NaN}`:                    "the body is not valid JSON: see line 1, column 6",
		`{} {}`:                        "the body is not valid JSON: see line 1, column 4",
		`{"a":`:                        "the body is not valid JSON: it ends too early",
		`{"a":"b`:                      "the body is not valid JSON: it ends too early",
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			_, err := strictjson.Read([]byte(body))
			e, _ := refusal(t, err)
			require.Equal(t, want, e.Message)
		})
	}
}

// nested returns an object of depth levels.
func nested(depth int) string {
	return strings.Repeat(`{"a":`, depth) + `1` + strings.Repeat(`}`, depth)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"a":[{"b":"\ud83e\udd6d"}]}`))
	f.Add([]byte(`{"a":1,"\u0061":2}`))
	f.Add([]byte(`{"a":"\ud83d"} `))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, err := strictjson.Read(body)
		if err == nil {
			require.True(t, json.Valid(body) && utf8.Valid(body))
			return
		}
		e, _ := refusal(t, err)
		require.Contains(t, []int{400, 413}, e.Status)
	})
}
