package chain

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/gst"
)

// Migrated is the action of the entry that takes over a chain.
const Migrated = "chain.migrated"

// Migration moves chains into the log.
type Migration struct {
	DB    dynamodb.ScanAPIClient
	Table string // of the chains, and of the log
	Log   *audit.Log
	// DateOf returns the date of an invoice; empty if there is no such invoice.
	DateOf func(ctx context.Context, invoiceID string) (gst.Date, error)
	Now    func() time.Time
}

// Run verifies each chain, appends its entries to the log, and then one entry with the hash of the
// chain's last: so the log's signature covers the chain too. It may be repeated. It returns the number
// of chains. A chain that does not verify is an error, and is not moved.
func (m Migration) Run(ctx context.Context) (int, error) {
	chains, err := m.read(ctx)
	if err != nil {
		return 0, err
	}
	for _, merchantID := range slices.Sorted(maps.Keys(chains)) {
		if err := m.move(ctx, merchantID, chains[merchantID]); err != nil {
			return 0, fmt.Errorf("merchant %s: %w", merchantID, err)
		}
	}
	return len(chains), nil
}

// read returns the chains by merchant.
func (m Migration) read(ctx context.Context) (map[string][]Entry, error) {
	chains := map[string][]Entry{}
	isEntry := expression.Name("pk").BeginsWith("AUDIT#").And(expression.Name("sk").BeginsWith("ENTRY#"))
	for item, err := range dynamo.Scan(ctx, m.DB, m.Table, isEntry) {
		if err != nil {
			return nil, fmt.Errorf("scan the chains: %w", err)
		}
		var e Entry
		if err := attributevalue.UnmarshalMap(item, &e); err != nil {
			return nil, fmt.Errorf("decode an entry of a chain: %w", err)
		}
		chains[e.MerchantID] = append(chains[e.MerchantID], e)
	}
	return chains, nil
}

func (m Migration) move(ctx context.Context, merchantID string, entries []Entry) error {
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Seq, b.Seq) })
	if err := Verify(entries); err != nil {
		return err
	}
	moved := make([]audit.Entry, 0, len(entries)+1)
	for _, e := range entries {
		date, err := m.DateOf(ctx, e.InvoiceID)
		if err != nil {
			return err
		}
		if date == "" {
			date = gst.DayInIndia(time.UnixMilli(e.CommittedAt))
		}
		moved = append(moved, audit.Entry{
			ID: e.SagaID, Action: e.Action, MerchantID: merchantID, Date: date, InvoiceID: e.InvoiceID,
			InvoiceNumber: e.InvoiceNumber, DocumentType: e.DocumentType, Total: e.Total, Actor: e.Actor, At: e.CommittedAt,
		})
	}
	last := entries[len(entries)-1]
	return m.Log.Append(ctx, append(moved, audit.Entry{
		ID: "chain-" + merchantID, Action: Migrated, MerchantID: merchantID, Date: moved[0].Date,
		Subject: fmt.Sprintf("%d entries, the last with hash %s", last.Seq, last.Hash), At: m.Now().UnixMilli(),
	}))
}
