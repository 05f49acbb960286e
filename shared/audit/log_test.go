package audit_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

func TestEachIDHasOneEntry(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.Append(t.Context(), entries(0, 3)))
	require.NoError(t, f.Append(t.Context(), entries(1, 5)), "two of them exist already")
	require.NoError(t, f.Append(t.Context(), entries(0, 5)), "all of them exist already")
	require.Equal(t, idsOf(entries(0, 5)), f.ids(t))
}

func TestOnAppendIsCalledOncePerEntry(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.Append(t.Context(), entries(0, 3)))
	require.NoError(t, f.Append(t.Context(), entries(1, 5)))
	require.Equal(t, map[string]int{"saga-000": 1, "saga-001": 1, "saga-002": 1, "saga-003": 1, "saga-004": 1}, f.appended)
}

func TestLargeBatchesAreSplit(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.NoError(t, f.Append(t.Context(), entries(0, 320)))
	require.Equal(t, idsOf(entries(0, 320)), f.ids(t))
}

func TestManyWritersMakeOneOrder(t *testing.T) {
	t.Parallel()
	f := setup(t)
	writer := audit.New(f.db, audit.Config{Table: f.table, Now: now})
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for w := range 8 {
		wg.Go(func() { errs[w] = writer.Append(t.Context(), entries(w*5, w*5+10)) }) // each overlaps the next
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	ids := f.ids(t)
	slices.Sort(ids)
	require.Equal(t, idsOf(entries(0, 45)), ids)
}

func TestLostWriteAndLostReply(t *testing.T) {
	t.Parallel()
	for name, applied := range map[string]bool{"the write is lost": false, "the reply is lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			require.NoError(t, f.Append(t.Context(), entries(0, 1)))
			f.db.Hook, _ = dynamotest.Nth(1, applied)
			require.NoError(t, f.Append(t.Context(), entries(1, 4)))
			require.Equal(t, idsOf(entries(0, 4)), f.ids(t))
		})
	}
}

func TestRangeReturnsWhatItIsAskedFor(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for from := range 30 {
		require.NoError(t, f.Append(t.Context(), entries(from*4, from*4+4)))
	}
	for _, r := range [][2]int64{{0, 120}, {0, 1}, {119, 120}, {97, 98}, {5, 110}, {60, 60}} {
		data, err := f.Range(t.Context(), r[0], r[1])
		require.NoError(t, err)
		require.Len(t, data, int(r[1]-r[0]))
		for i, d := range data {
			e, err := audit.Decode(d)
			require.NoError(t, err)
			require.Equal(t, entries(int(r[0])+i, int(r[0])+i+1)[0].ID, e.ID)
		}
	}
}

// TestWhatWasDeletedIsMissing: an entry, or a batch in the middle.
func TestWhatWasDeletedIsMissing(t *testing.T) {
	t.Parallel()
	for name, what := range map[string]func(t *testing.T, f *fixture) dynamo.Item{
		"an entry": func(t *testing.T, f *fixture) dynamo.Item {
			t.Helper()
			return f.itemOf(t, "saga-002")
		},
		"a batch": func(*testing.T, *fixture) dynamo.Item { return dynamo.Key("LOG", "BATCH#0000000000000002") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			for _, r := range [][2]int{{0, 2}, {2, 4}, {4, 6}} {
				require.NoError(t, f.Append(t.Context(), entries(r[0], r[1])))
			}
			_, err := f.db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &f.table, Key: what(t, f)})
			require.NoError(t, err)
			_, err = f.Range(t.Context(), 0, 6)
			var missing *audit.MissingError
			require.ErrorAs(t, err, &missing)
			require.Equal(t, int64(2), missing.Place)
		})
	}
}

// itemOf returns the key of the entry with an id.
func (f *fixture) itemOf(t *testing.T, id string) dynamo.Item {
	t.Helper()
	out, err := f.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &f.table})
	require.NoError(t, err)
	for _, item := range out.Items {
		if dynamo.Text(item["sk"]) == id {
			return dynamo.Key(dynamo.Text(item["pk"]), id)
		}
	}
	t.Fatalf("no entry %s", id)
	return nil
}

func TestWhatIsNoEntry(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for name, change := range map[string]func(*audit.Entry){
		"without an id":     func(e *audit.Entry) { e.ID = "" },
		"without an action": func(e *audit.Entry) { e.Action = "" },
		"without a date":    func(e *audit.Entry) { e.Date = "" },
		"on no day":         func(e *audit.Entry) { e.Date = "2026-02-30" },
		"too large":         func(e *audit.Entry) { e.Reason = string(make([]byte, 65535)) },
	} {
		e := entries(0, 1)[0]
		change(&e)
		require.Error(t, e.Check(), name)
		require.Error(t, f.Append(t.Context(), []audit.Entry{e}), name)
	}
	require.Empty(t, f.ids(t))
}

// TestCanonicalBytes: what was hashed stays what it was.
func TestCanonicalBytes(t *testing.T) {
	t.Parallel()
	f := setup(t)
	e := entries(7, 8)[0]
	e.Document, e.Actor = "0a", "cl_1"
	require.NoError(t, f.Append(t.Context(), []audit.Entry{e}))
	data, err := f.Range(t.Context(), 0, 1)
	require.NoError(t, err)
	require.Equal(t, `{"v":1,"id":"saga-007","action":"invoice.created","merchant_id":"m","date":"2026-11-26",`+
		`"invoice_id":"7","total":118,"document":"0a","actor":"cl_1","at":1795687200000}`, string(data[0]))
}
