package audit_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// fixture is a log in an empty table.
type fixture struct {
	*audit.Log

	db       *dynamotest.Faults
	table    string
	appended map[string]int // calls of OnAppend, by saga
}

func setup(t *testing.T) *fixture {
	t.Helper()
	db := &dynamotest.Faults{Client: dynamotest.Client(t)}
	f := &fixture{db: db, table: dynamotest.Tables(t, db.Client).Audit, appended: map[string]int{}}
	f.Log = audit.New(db, audit.Config{
		Table: f.table, OnAppend: func(_ context.Context, e audit.Entry) { f.appended[e.SagaID]++ },
	})
	return f
}

// entries returns the entries of sagas from, inclusive, to to, exclusive.
func entries(from, to int) []audit.Entry {
	var all []audit.Entry
	for n := from; n < to; n++ {
		all = append(all, audit.Entry{
			MerchantID: "m", SagaID: fmt.Sprintf("saga-%03d", n), Action: "invoice.created", InvoiceID: strconv.Itoa(n),
		})
	}
	return all
}

// chain returns the whole log, verified.
func (f *fixture) chain(t *testing.T) []audit.Entry {
	t.Helper()
	all, err := f.List(t.Context(), "m", 0, 1000)
	require.NoError(t, err)
	require.NoError(t, audit.Verify(all, 0, ""))
	return all
}
