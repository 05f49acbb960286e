// Command manage-privacy erases the contact data of buyers, holds it where a merchant must keep it, and
// exports what is known of one. A schedule invokes it every hour to finish erasures that are due.
package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/export"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/privacy"
)

func main() {
	vars := env.New(os.Getenv)
	platform := vars.Required(deployment.PlatformTable)
	invoices := vars.Required(deployment.InvoicesTable)
	audits := vars.Required(deployment.AuditQueue)
	bucket := vars.Required(deployment.ExportBucket)
	callers := caller.ReadNames(vars)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db := dynamodb.NewFromConfig(rt.AWS)
	keys := privacy.NewStore(db, callers.Keys, rt.Now)
	recorder := caller.NewActs(rt, audits)
	documents := invoice.NewStore(db, invoices)
	h := handler{
		subjects:  keys,
		documents: documents,
		merchants: merchant.NewStore(db, platform, rt.Now),
		erasures:  erasure.NewStore(db, erasure.Config{Table: callers.Keys, Keys: keys, Acts: recorder, Now: rt.Now}),
		exports: export.NewStore(db, export.Config{
			Table: callers.Keys, Invoices: documents.WithContacts(keys), Objects: export.NewBucket(rt.AWS, bucket),
			Acts: recorder, Now: rt.Now,
		}),
		guard: caller.NewGuard(context.Background(), rt, db, callers).Middleware,
		now:   rt.Now,
		log:   rt.Log,
	}
	awsclient.Connect(context.Background(), rt.AWS, awsclient.DynamoDB)
	rt.Start(function.Dispatch{
		HTTP:   h.router().Handler(),
		Invoke: func(ctx context.Context, _ json.RawMessage) (any, error) { return h.finish(ctx) },
	})
}
