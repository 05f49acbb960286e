package audit_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/audit/audittest"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// fixture is a log in an empty table.
type fixture struct {
	*audit.Log

	db    *dynamotest.Faults
	table string

	mu       sync.Mutex
	appended map[string]int // calls of OnAppend, by id
}

func setup(t *testing.T) *fixture {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	f := &fixture{db: db, table: dynamotest.Tables(t, db.Client).Audit, appended: map[string]int{}}
	f.Log = audit.New(db, audit.Config{Table: f.table, OnAppend: f.onAppend, Now: now})
	return f
}

func (f *fixture) onAppend(_ context.Context, e audit.Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.appended[e.ID]++
}

func now() time.Time { return time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC) }

// entries returns the entries of sagas from, inclusive, to to, exclusive.
func entries(from, to int) []audit.Entry {
	var all []audit.Entry
	for n := from; n < to; n++ {
		all = append(all, audit.Entry{
			ID: fmt.Sprintf("saga-%03d", n), MerchantID: "m", Action: "invoice.created", Date: "2026-11-26",
			InvoiceID: strconv.Itoa(n), Total: 118_00, At: now().UnixMilli(),
		})
	}
	return all
}

// ids returns the ids of the whole log, in order.
func (f *fixture) ids(t *testing.T) []string {
	t.Helper()
	all, err := audittest.All(t.Context(), f.Log)
	require.NoError(t, err)
	return idsOf(all)
}

func idsOf(all []audit.Entry) []string {
	var ids []string
	for _, e := range all {
		ids = append(ids, e.ID)
	}
	return ids
}
