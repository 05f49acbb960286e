package crash_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/robustness/crash"
)

// write has the records of testdata written anew. Do that only for a new folder: the
// old ones are what earlier versions left in tables that live on.
var write = flag.String("write-records", "", "write the records of this version into testdata/NAME") //nolint:gochecknoglobals // a flag

// interrupted are the points at which a version left its records.
func interrupted() map[string][]crash.Fault {
	return map[string][]crash.Fault{
		"begun":        {{Write: "create-invoice Invoke reserve-inventory #1", How: crash.DiesBefore}},
		"reserved":     {{Write: "create-invoice TransactWriteItems platform #1", How: crash.DiesBefore}},
		"committed":    {{Write: "create-invoice TransactWriteItems platform #1", How: crash.DiesAfter}},
		"compensating": {{Write: "create-invoice Invoke reserve-inventory #1", How: crash.ReplyLost}, {Write: "create-invoice StartExecution #1", How: crash.DiesBefore}},
		"completed":    nil,
	}
}

// TestRecordsOfOlderVersions puts what a version left into empty tables, and has
// this version see it to its end: recovered, and then the same key again.
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
			b := newBed(t, "1")
			b.begin(t)
			b.load(t, file)
			require.NoError(t, b.Recover(t.Context(), b.db))
			answer := b.Post(uuid(1), b.sale("A-1"))
			require.Equal(t, 201, answer.Status, "%+v", answer)
			require.NoError(t, b.Recover(t.Context(), b.db))
			if filepath.Base(file) != "completed.json" {
				b.check(t, 1) // the events of a completed one were published by its own version
			}
		})
	}
}

// record is an item of one of the tables.
type record struct {
	Table string
	Item  map[string]any
}

func writeRecords(t *testing.T, version string) {
	t.Helper()
	for name, faults := range interrupted() {
		b := newBed(t, "1")
		b.begin(t)
		b.Arm(faults)
		b.Post(uuid(1), b.sale("A-1"))
		if name == "completed" {
			b.Settle()
		}
		var records []record
		for table, full := range b.named() {
			items, err := b.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &full})
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

func (b *bed) named() map[string]string {
	return map[string]string{
		"platform": b.tables.Platform, "invoices": b.tables.Invoices, "inventory": b.tables.Inventory, "audit": b.tables.Audit,
	}
}

// binaries are the attributes that JSON keeps as text.
var binaries = []string{"body", "doc"} //nolint:gochecknoglobals // a constant

func (b *bed) load(t *testing.T, file string) {
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
		if _, answered := r.Item["expires_at"]; answered { // a file is old, what it stands for is not
			r.Item["expires_at"] = time.Now().Add(24 * time.Hour).UnixMilli()
			delete(r.Item, "ttl")
		}
		item, err := attributevalue.MarshalMap(r.Item)
		require.NoError(t, err)
		table := b.named()[r.Table]
		_, err = b.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
		require.NoError(t, err)
	}
}
