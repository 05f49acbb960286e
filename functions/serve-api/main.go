// Command serve-api serves the routes that are not steps of a saga: reads, merchants,
// health, and the API's own description.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/audit/seal"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/document"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/privacy"
)

func main() {
	vars := env.New(os.Getenv)
	audits := vars.Required(deployment.AuditQueue)
	needed := []queue{{"requests_queue", vars.Required(deployment.RequestsQueue)}, {"audit_queue", audits}}
	platform := vars.Required(deployment.PlatformTable)
	invoices := vars.Required(deployment.InvoicesTable)
	log := seal.ReadNames(vars)
	documentKey := vars.Required(deployment.DocumentKey)
	callers := caller.ReadNames(vars)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	clock := awsclient.NewClock(rt.Now)
	clock.Watch(&rt.AWS)
	db := dynamodb.NewFromConfig(rt.AWS)
	guard := caller.NewGuard(context.Background(), rt, db, callers)
	store := invoice.NewStore(db, invoices).WithContacts(privacy.NewStore(db, callers.Keys, rt.Now))
	h := handler{
		invoices:  store,
		issued:    store,
		audit:     seal.NewDeployed(rt.AWS, db, log, rt.Now),
		sagas:     function.NewSagas(rt, db, platform),
		merchants: merchant.NewStore(db, platform, rt.Now).WithOnChange(recordChange(caller.NewActs(rt, audits))),
		documents: document.NewSigner(kms.NewFromConfig(rt.AWS), documentKey),
		breaker:   breaker.New(db, breaker.Config{Table: platform, Name: "inventory"}, clock.Now),
		queues:    sqs.NewFromConfig(rt.AWS),
		needed:    needed,
		openAPI:   events.OpenAPI(),
		guard:     guard.Middleware,
		now:       rt.Now,
		log:       rt.Log,
	}
	awsclient.Connect(context.Background(), rt.AWS, awsclient.DynamoDB)
	rt.Start(function.Dispatch{HTTP: h.router().Handler()})
}
