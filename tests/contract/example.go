package contract

import (
	"encoding/json"
	"fmt"
)

// Examples returns the request bodies that the description shows for an operation, by their names.
func (d *Document) Examples(method, path string) (map[string][]byte, error) {
	item := d.spec.Paths.Value(path)
	if item == nil || item.GetOperation(method) == nil || item.GetOperation(method).RequestBody == nil {
		return nil, fmt.Errorf("%s %s with a body is not described", method, path)
	}
	found := map[string][]byte{}
	for name, example := range item.GetOperation(method).RequestBody.Value.Content["application/json"].Examples {
		body, err := json.Marshal(example.Value.Value)
		if err != nil {
			return nil, err
		}
		found[name] = body
	}
	return found, nil
}
