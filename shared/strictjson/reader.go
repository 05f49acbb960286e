package strictjson

import (
	"fmt"
	"slices"

	"github.com/invochain/invochain/shared/problem"
)

// Reader takes fields out of one JSON object and collects every fault.
type Reader struct {
	path   string
	fields map[string]any
	known  []string
	errs   *[]problem.FieldError
}

// Read parses a body strictly. The error is a *problem.Error of kind Invalid: status 413
// for a body over MaxBody, 400 for one that is not a JSON object.
func Read(body []byte) (*Reader, error) { return ReadWithin(body, MaxBody) }

// ReadWithin is Read for a body of at most limit bytes.
func ReadWithin(body []byte, limit int) (*Reader, error) {
	fields, err := parse(body, limit)
	if err != nil {
		return nil, err
	}
	return &Reader{fields: fields, errs: &[]problem.FieldError{}}, nil
}

// Child returns a Reader of an object within this one. Both collect into one list of
// faults; path, such as `items[3]`, prefixes the names of the child's fields.
func (r *Reader) Child(path string, fields map[string]any) *Reader {
	return &Reader{path: r.path + path + ".", fields: fields, errs: r.errs}
}

// Object takes an object field and returns its Reader, of an empty object if the field is
// absent or faulty.
func (r *Reader) Object(name string) *Reader {
	v := r.Take(name)
	fields, ok := v.(map[string]any)
	if v != nil && !ok {
		r.Fail(name, "wrong_type", "must be an object")
	}
	return r.Child(name, fields)
}

// Objects takes an array of at most `most` objects and returns their Readers, without those of
// faulty elements.
func (r *Reader) Objects(name string, most int) []*Reader {
	v := r.Take(name)
	list, ok := v.([]any)
	if v != nil && !ok {
		r.Fail(name, "wrong_type", "must be an array")
	}
	if len(list) > most {
		r.Fail(name, "too_many_items", fmt.Sprintf("must have at most %d items", most))
		return nil
	}
	objects := make([]*Reader, 0, len(list))
	for i, v := range list {
		path := fmt.Sprintf("%s[%d]", name, i)
		fields, ok := v.(map[string]any)
		if !ok {
			r.Fail(path, "wrong_type", "must be an object")
			continue
		}
		objects = append(objects, r.Child(path, fields))
	}
	return objects
}

// Unwrap takes an object field that only wraps a body: its Reader names the body's fields
// without the path.
func (r *Reader) Unwrap(name string) *Reader {
	inner := r.Object(name)
	inner.path = r.path
	return inner
}

// Take marks a field as known and returns its value: nil, bool, string, json.Number, []any
// or map[string]any. An absent field and null both return nil.
func (r *Reader) Take(name string) any {
	r.known = append(r.known, name)
	return r.fields[name]
}

// Given reports whether a field is present, and neither null nor an empty string.
func (r *Reader) Given(name string) bool {
	v := r.fields[name]
	return v != nil && v != ""
}

// Fail records a fault of a field.
func (r *Reader) Fail(name, code, message string) {
	*r.errs = append(*r.errs, problem.FieldError{Field: r.path + name, Code: code, Message: message})
}

// Require records a fault `required` for each of the fields that is absent, null or empty.
func (r *Reader) Require(names ...string) {
	for _, name := range names {
		if !r.Given(name) {
			r.Fail(name, "required", "is required")
		}
	}
}

// Finish records a fault `unknown_field` for each field that was not taken. Call it last.
func (r *Reader) Finish() {
	names := make([]string, 0, len(r.fields))
	for name := range r.fields {
		if !slices.Contains(r.known, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		r.Fail(problem.Clip(name), "unknown_field", "is not a known field; check its spelling")
	}
}

// Err returns all recorded faults as one *problem.Error; nil when there are none.
func (r *Reader) Err() error { return problem.InvalidRequest(*r.errs) }
