package contention_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// auditBudget is in entries a second, of all merchants.
const auditBudget = 1000

// TestAuditLog appends entries as log-audit does: its consumers (infra/wiring.go) gather the
// messages of up to a second, up to a batch.
func TestAuditLog(t *testing.T) {
	const consumers, batchSize = 2, 100
	client, transport := dynamotest.ConflictingClient(t, held, held)
	log := audit.New(client, audit.Config{Table: dynamotest.Tables(t, client).Audit, Now: time.Now})
	for _, load := range loads("audit log", auditBudget) {
		handle := func(batch []message) []error {
			entries := make([]audit.Entry, len(batch))
			for i, m := range batch {
				entries[i] = audit.Entry{
					ID: fmt.Sprintf("%.0f-%06d", load.rate, m.n), MerchantID: fmt.Sprint("m", m.n%20),
					Action: "invoice.created", Date: "2026-11-26", InvoiceID: strconv.Itoa(m.n), At: time.Now().UnixMilli(),
				}
			}
			return slices.Repeat([]error{log.Append(context.Background(), entries)}, len(batch))
		}
		q := newQueue(batchSize, consumers, func() func([]message) []error { return handle })
		before := transport.Conflicts()
		o := offer(t, load.rate, q.send)
		q.close()
		o.conflicts = transport.Conflicts() - before
		load.judge(t, o)
	}
}
