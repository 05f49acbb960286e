package export_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/export"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/privacy"
)

const (
	merchantID = "m"
	asha       = "asha@example.in"
)

// fixture is a buyer's invoices and an S3 in memory. Its clock goes on by step with each reading.
type fixture struct {
	*export.Store

	db       *dynamotest.Faults
	tables   dynamotest.Names
	keys     *privacy.Store
	invoices *invoice.Store
	bucket   *bucket

	mu    sync.Mutex
	clock time.Time
	step  time.Duration
	acts  []events.Act
	away  bool // acts cannot be recorded
}

func setup(t *testing.T) *fixture {
	t.Helper()
	client := dynamotest.Client(t)
	f := &fixture{
		db: &dynamotest.Faults{Client: client}, tables: dynamotest.Tables(t, client),
		clock:  time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC),
		bucket: &bucket{files: map[string][]byte{}},
	}
	f.keys = privacy.NewStore(client, f.tables.Keys, f.now)
	f.invoices = invoice.NewStore(client, f.tables.Invoices)
	f.Store = f.instance()
	return f
}

// instance returns the store of an instance, which remembers nothing.
func (f *fixture) instance() *export.Store {
	keys := privacy.NewStore(f.db.Client, f.tables.Keys, f.now)
	return export.NewStore(f.db, export.Config{
		Table: f.tables.Keys, Invoices: f.invoices.WithContacts(keys), Objects: f.bucket, Acts: f, Now: f.now,
	})
}

func (f *fixture) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clock = f.clock.Add(f.step)
	return f.clock
}

func (f *fixture) advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clock = f.clock.Add(d)
}

// Record implements the acts.
func (f *fixture) Record(_ context.Context, act events.Act) error {
	if f.away {
		return errors.New("the queue is away")
	}
	f.acts = append(f.acts, act)
	return nil
}

func (f *fixture) subject(t *testing.T, identifier string) string {
	t.Helper()
	subject, err := f.keys.Subject(t.Context(), merchantID, identifier)
	require.NoError(t, err)
	return subject
}

// issue writes invoices of a buyer, with numbers from, inclusive, to to, exclusive.
func (f *fixture) issue(t *testing.T, email string, from, to int) {
	t.Helper()
	subject, key := f.subject(t, email), privacy.NewKey()
	put, err := f.keys.PutKey(merchantID, subject, key)
	require.NoError(t, err)
	if err := dynamo.Transact(t.Context(), f.db.Client, put); err != nil {
		key, err = f.keys.Key(t.Context(), merchantID, subject)
		require.NoError(t, err)
	}
	for n := from; n < to; n++ {
		inv := gst.Invoice{
			ID: fmt.Sprintf("00000000-0000-0000-0000-%012d", n), SellerMerchantID: merchantID, DocumentType: "INV",
			InvoiceNumber: fmt.Sprintf("A-%d", n), InvoiceDate: "2025-11-26", SellerGSTIN: "27AABCU9603R1ZN",
			CreatedAt: fmt.Sprintf("2025-11-26T09:%02d:%02d.000Z", n/60, n%60),
		}
		inv.BuyerEmail = email
		kept, contact, err := invoice.SealContact(inv, subject, key)
		require.NoError(t, err)
		doc, err := json.Marshal(kept)
		require.NoError(t, err)
		zipped, err := idempotency.Compress(doc)
		require.NoError(t, err)
		scope := invoice.NumberScope{MerchantID: merchantID, DocumentType: "INV", FinancialYear: "2526"}
		items, err := f.invoices.PutItems(invoice.New{Scope: scope, Invoice: kept, Document: zipped, Contact: contact})
		require.NoError(t, err)
		require.NoError(t, f.invoices.Write(t.Context(), items))
	}
}

// erase ends the buyer's key at once.
func (f *fixture) erase(t *testing.T, email string) {
	t.Helper()
	subject := f.subject(t, email)
	state, err := f.keys.State(t.Context(), merchantID, subject)
	require.NoError(t, err)
	items, err := f.keys.EndKey(merchantID, subject, state.ID, f.now())
	require.NoError(t, err)
	require.NoError(t, dynamo.Transact(t.Context(), f.db.Client, items...))
}

func (f *fixture) request(t *testing.T) export.Request {
	t.Helper()
	return export.Request{MerchantID: merchantID, Subjects: []string{f.subject(t, asha)}, Actor: "cl_1"}
}

// ask begins the export of Asha.
func (f *fixture) ask(t *testing.T) export.Export {
	t.Helper()
	e, err := f.Ask(t.Context(), f.request(t))
	require.NoError(t, err)
	return e
}

// finish reads an export, each time from another instance, until it is done.
func (f *fixture) finish(t *testing.T, id string) export.Export {
	t.Helper()
	for range 50 {
		e, err := f.instance().Get(t.Context(), merchantID, id)
		require.NoError(t, err)
		if e.Done {
			return e
		}
	}
	t.Fatal("the export does not end")
	return export.Export{}
}

// line is a line of a file.
type line struct {
	Invoice   gst.Invoice `json:"invoice"`
	KeepUntil string      `json:"keep_until"`
	Basis     []string    `json:"basis"`
}

// lines reads the files of an export.
func (f *fixture) lines(t *testing.T, e export.Export) (all []line) {
	t.Helper()
	for _, url := range e.URLs {
		name, ours := strings.CutPrefix(url, "https://s3/")
		require.True(t, ours)
		require.Contains(t, f.bucket.files, name)
		unzip, err := gzip.NewReader(bytes.NewReader(f.bucket.files[name]))
		require.NoError(t, err)
		for s := bufio.NewScanner(unzip); s.Scan(); {
			var l line
			require.NoError(t, json.Unmarshal(s.Bytes(), &l))
			all = append(all, l)
		}
	}
	return all
}

// requireAll requires that an export has invoices 0 to n, exclusive, once each and in order.
func (f *fixture) requireAll(t *testing.T, e export.Export, n int) []line {
	t.Helper()
	lines := f.lines(t, e)
	require.Len(t, lines, n)
	require.Equal(t, n, e.Exported)
	for i, l := range lines {
		require.Equal(t, fmt.Sprintf("A-%d", i), l.Invoice.InvoiceNumber)
	}
	return lines
}

// bucket is an S3 in memory.
type bucket struct {
	mu     sync.Mutex
	files  map[string][]byte
	before func() error // a fault, or what happens meanwhile; nil for nothing
}

func (b *bucket) Put(_ context.Context, name string, data []byte) error {
	if b.before != nil {
		if err := b.before(); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files[name] = data
	return nil
}

func (*bucket) URL(_ context.Context, name string) (string, error) { return "https://s3/" + name, nil }
