package export

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

// Bounds of the work.
const (
	workFor  = 8 * time.Second // of one request, before its last chunk and file
	chunk    = 50              // invoices that are read at once
	fileSize = 8 << 20         // bytes after which a file ends; it is in memory until then
)

// Get returns an export of a merchant. If it is not done, it does more of it first, for workFor. Error:
// *problem.Error export_not_found.
func (s *Store) Get(ctx context.Context, merchant, id string) (Export, error) {
	r, err := s.load(ctx, merchant, id)
	until := s.Now().Add(workFor)
	for err == nil && r.Version > 0 && !r.done() && s.Now().Before(until) {
		r, err = s.work(ctx, r, until)
	}
	if err != nil {
		return Export{}, err
	}
	if r.Version == 0 {
		return Export{}, notFound()
	}
	return s.sign(ctx, r)
}

// sign returns an export, with the addresses of its files if it is done.
func (s *Store) sign(ctx context.Context, r row) (Export, error) {
	e := r.export()
	if !e.Done {
		return e, nil
	}
	e.URLsUntil = s.Now().Add(URLFor)
	for _, name := range r.Files {
		url, err := s.Objects.URL(ctx, name)
		if err != nil {
			return Export{}, err
		}
		e.URLs = append(e.URLs, url)
	}
	return e, nil
}

// work writes the next file of an export, and returns how far the export is then. If another request
// was faster, or the reply of the last write was lost, that is as the table has it.
func (s *Store) work(ctx context.Context, before row, until time.Time) (row, error) {
	after := before
	f := newFile()
	if err := s.fill(ctx, &after, f, until); err != nil {
		return row{}, err
	}
	if f.invoices > 0 {
		name := fmt.Sprintf("%s/%04d-%s.jsonl.gz", before.SK, len(before.Files)+1, rand.Text())
		data, err := f.bytes()
		if err != nil {
			return row{}, err
		}
		if err := s.Objects.Put(ctx, name, data); err != nil {
			return row{}, err
		}
		after.Files = append(slices.Clone(before.Files), name)
	}
	after.Exported += f.invoices
	after.Version++
	item, err := attributevalue.MarshalMap(after)
	if err != nil {
		return row{}, err
	}
	unchanged := expression.Name("version").Equal(expression.Value(before.Version))
	err = dynamo.Put(ctx, s.db, s.Table, item, unchanged)
	if dynamo.ConditionFailed(err) || dynamo.OutcomeUnknown(err) {
		known, loadErr := s.load(ctx, before.Merchant, before.SK)
		if loadErr != nil {
			return row{}, errors.Join(err, loadErr)
		}
		return known, nil
	}
	return after, err
}

// fill adds the next invoices to a file, until it is full, the time is up or none is left.
func (s *Store) fill(ctx context.Context, r *row, f *file, until time.Time) error {
	for !r.done() && f.size() < fileSize {
		next, err := s.Invoices.OfSubject(ctx, r.Merchant, r.Subjects[r.At], r.After, chunk, f.add)
		if err != nil {
			return fmt.Errorf("read the invoices of a buyer: %w", err)
		}
		if r.After = next; next == "" {
			r.At++
		}
		if !s.Now().Before(until) {
			return nil
		}
	}
	return nil
}
