package strictjson

import (
	"bytes"
	"encoding/json"
)

// Marshal returns v as JSON, as an answer or a message carries it. It leaves out the escapes
// for HTML of json.Marshal, which make a text of `<`, `>` and `&` six times as long.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
