package merchant

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/invochain/invochain/shared/strictjson"
)

// Change is a write that creates a profile or changes fields of one.
type Change struct {
	Write      string // a random id, the same for each attempt of the write
	MerchantID string
	Fields     []string // names of the fields whose values differ, in order
}

// change calls OnChange unless the write changes nothing.
func (s *Store) change(ctx context.Context, write string, m, before Profile) error {
	if s.onChange == nil {
		return nil
	}
	fields, err := m.differences(before)
	if err != nil || len(fields) == 0 {
		return err
	}
	return s.onChange(ctx, Change{Write: write, MerchantID: m.ID, Fields: fields})
}

// differences returns the names of the fields that a write of p over before changes.
func (p Profile) differences(before Profile) ([]string, error) {
	if !p.closes(before) {
		p.ClosedThrough = before.ClosedThrough
	}
	p.ClosedAt, p.FinalAt = before.ClosedAt, before.FinalAt // set by the store
	now, err := fieldsOf(p)
	if err != nil {
		return nil, err
	}
	was, err := fieldsOf(before)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(now)
	maps.Copy(all, was)
	maps.DeleteFunc(all, func(name string, _ json.RawMessage) bool {
		return name == "id" || bytes.Equal(now[name], was[name])
	})
	return slices.Sorted(maps.Keys(all)), nil
}

func fieldsOf(p Profile) (fields map[string]json.RawMessage, err error) {
	data, err := strictjson.Marshal(p)
	if err == nil {
		err = json.Unmarshal(data, &fields)
	}
	return fields, err
}
