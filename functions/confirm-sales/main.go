// Command confirm-sales runs every hour and books the sales whose events never arrived: it compares
// the invoices of the audit log with the reservations.
package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/inventory"
)

func main() {
	vars := env.New(os.Getenv)
	audits := vars.Required(deployment.AuditTable)
	table := vars.Required(deployment.InventoryTable)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db := dynamodb.NewFromConfig(rt.AWS)
	h := handler{
		audit: audit.New(db, audit.Config{Table: audits, Now: rt.Now}),
		stock: inventory.New(db, inventory.Config{Table: table}, rt.Now),
		now:   rt.Now, log: rt.Log,
	}
	rt.Start(
		function.Dispatch{Invoke: func(ctx context.Context, _ json.RawMessage) (any, error) { return h.handle(ctx) }},
	)
}
