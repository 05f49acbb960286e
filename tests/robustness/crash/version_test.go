package crash_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/audittest"
	"github.com/invochain/invochain/shared/audit/chain"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/tests/robustness/crash"
)

// write writes the records of this version to a new folder of testdata. Existing folders
// hold what earlier versions left in tables, so they must not change.
//
//nolint:gochecknoglobals // a flag
var write = flag.String("write-records", "", "write the records of this version into testdata/NAME")

const (
	// refused are the records of a reservation that was refused for lack of stock.
	refused = "refused"
	// accepted are the records of a request that waits for the queue.
	accepted = "accepted"
	// completed are the records of a request that was issued, audited and published.
	completed = "completed"
	// queued are those of one that came as a message, with its sender as the actor.
	queued = "queued"
	// cancelling are those of an invoice whose cancellation was not started.
	cancelling = "cancelling"
)

// interrupted returns the faults after which a version's records are kept.
func interrupted() map[string][]crash.Fault {
	return map[string][]crash.Fault{
		"begun":     {{Write: "create-invoice Invoke reserve-inventory #1", How: crash.DiesBefore}},
		"reserved":  {{Write: "create-invoice TransactWriteItems platform #1", How: crash.DiesBefore}},
		"committed": {{Write: "create-invoice TransactWriteItems platform #1", How: crash.DiesAfter}},
		"compensating": {
			{Write: "create-invoice Invoke reserve-inventory #1", How: crash.ReplyLost},
			{Write: "create-invoice StartExecution #1", How: crash.DiesBefore},
		},
		refused: {
			{Write: "create-invoice Invoke reserve-inventory #1", How: crash.ReplyLost},
			{Write: "create-invoice StartExecution #1", How: crash.DiesBefore},
		},
		accepted:  nil,
		completed: nil,
		queued:    nil,
		cancelling: {
			{Write: "create-invoice StartExecution #1", How: crash.DiesBefore},
		},
	}
}

// TestRecordsOfOlderVersions loads the records of an earlier version into empty tables and
// completes them with this version: by recovery and a retry of the same key.
func TestRecordsOfOlderVersions(t *testing.T) {
	t.Parallel()
	if *write != "" {
		writeRecords(t, *write)
	}
	files, err := filepath.Glob("testdata/*/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.ToSlash(file), func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, "1")
			f.begin(t)
			f.load(t, file)
			require.NoError(t, f.Recover(t.Context(), f.db))
			answer := f.Post(uuid(1), f.sale("A-1"))
			require.Equal(t, 201, answer.Status, "%+v", answer)
			require.NoError(t, f.Recover(t.Context(), f.db))
			switch filepath.Base(file) {
			case cancelling + ".json":
				f.checkCancelled(t)
			case completed + ".json", queued + ".json": // their events were published by the earlier version
				f.checkAudited(t)
			default:
				f.check(t, 1)
			}
		})
	}
}

// migrated moves the chain of an earlier version into the audit log, and returns the log's entries
// of documents.
func (f *fixture) migrated(t *testing.T) []audit.Entry {
	t.Helper()
	_, err := chain.Migration{
		DB: f.db, Table: f.tables.Audit, Log: f.audit, Now: time.Now,
		DateOf: func(context.Context, string) (gst.Date, error) { return "", nil },
	}.Run(t.Context())
	require.NoError(t, err)
	entries, err := audittest.All(t.Context(), f.audit)
	require.NoError(t, err)
	return slices.DeleteFunc(entries, func(e audit.Entry) bool { return e.InvoiceID == "" })
}

// checkAudited checks that the only entry of the audit log has the saga's actor.
func (f *fixture) checkAudited(t *testing.T) {
	t.Helper()
	entries := f.migrated(t)
	require.Len(t, entries, 1)
	r, err := f.sagas.Load(t.Context(), entries[0].ID)
	require.NoError(t, err)
	require.Equal(t, r.Actor, entries[0].Actor)
}

// checkCancelled checks that the only invoice is cancelled, and that the log says so.
func (f *fixture) checkCancelled(t *testing.T) {
	t.Helper()
	all := f.issued(t)
	require.Len(t, all, 1)
	require.Equal(t, invoice.Cancelled, all[0].Status)
	entries := f.migrated(t)
	require.Len(t, entries, 2)
	require.ElementsMatch(t, []string{events.InvoiceCreated, events.InvoiceCancelled},
		[]string{entries[0].Action, entries[1].Action})
}

// record is an item of one of the tables.
type record struct {
	Table string
	Item  map[string]any
}

func writeRecords(t *testing.T, version string) {
	t.Helper()
	for name, faults := range interrupted() {
		f := newFixture(t, "1")
		f.begin(t)
		f.leave(t, name, faults)
		var records []record
		for table, full := range f.named() {
			items, err := f.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &full})
			require.NoError(t, err)
			for _, item := range items.Items {
				r := record{Table: table, Item: map[string]any{}}
				require.NoError(t, attributevalue.UnmarshalMap(item, &r.Item))
				records = append(records, r)
			}
		}
		out, err := json.MarshalIndent(records, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Join("testdata", version), 0o750))
		require.NoError(t, os.WriteFile(filepath.Join("testdata", version, name+".json"), append(out, '\n'), 0o600))
	}
}

// leave makes a request and leaves the records of name behind.
func (f *fixture) leave(t *testing.T, name string, faults []crash.Fault) {
	t.Helper()
	if name == refused {
		f.count(t, 2)
		defer f.count(t, 10)
	}
	if name == cancelling {
		f.Post(uuid(1), f.sale("A-1"))
		f.Settle()
		f.Arm(faults)
		f.Cancel(uuid(2), f.issued(t)[0].ID)
		return
	}
	f.Arm(faults)
	switch name {
	case queued:
		f.Request(uuid(1), f.sale("A-1"))
	case accepted:
		f.Post(uuid(1), f.sale("A-1"), "Prefer", "respond-async")
	default:
		f.Post(uuid(1), f.sale("A-1"))
	}
	if name == completed || name == queued {
		f.Settle()
	}
}

func (f *fixture) named() map[string]string {
	return map[string]string{
		"platform": f.tables.Platform, "invoices": f.tables.Invoices,
		"inventory": f.tables.Inventory, "audit": f.tables.Audit,
	}
}

// binaries are the binary attributes, which JSON encodes as text.
var binaries = []string{"body", "sealed", "doc", "salt", "commitment", "data"} //nolint:gochecknoglobals // a constant

func (f *fixture) load(t *testing.T, file string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	var records []record
	require.NoError(t, json.Unmarshal(raw, &records))
	for _, r := range records {
		for _, name := range binaries {
			if s, is := r.Item[name].(string); is {
				var body []byte
				require.NoError(t, json.Unmarshal([]byte(`"`+s+`"`), &body))
				r.Item[name] = body
			}
		}
		if _, answered := r.Item["expires_at"]; answered { // as if the record were new
			r.Item["expires_at"] = time.Now().Add(24 * time.Hour).UnixMilli()
			delete(r.Item, "ttl")
		}
		item, err := attributevalue.MarshalMap(r.Item)
		require.NoError(t, err)
		table := f.named()[r.Table]
		_, err = f.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
		require.NoError(t, err)
	}
}
