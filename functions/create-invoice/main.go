// Command create-invoice issues invoices, through both doors: POST /invoices and
// the queue invoice-requests.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/privacy"
)

// config holds the values of the environment.
type config struct {
	platform, invoices            string
	callers                       caller.Names
	requests, requestsDLQ, audits string
	publish                       string
	machines                      function.Machines
	reserve                       string
	inventory                     policy
}

func read(vars *env.Reader) config {
	return config{
		platform:    vars.Required(deployment.PlatformTable),
		invoices:    vars.Required(deployment.InvoicesTable),
		callers:     caller.ReadNames(vars),
		requests:    vars.Required(deployment.RequestsQueue),
		requestsDLQ: vars.Required(deployment.RequestsDLQ),
		audits:      vars.Required(deployment.AuditQueue),
		publish:     vars.Required(deployment.PublishQueue),
		machines:    function.ReadMachines(vars),
		reserve:     vars.Required(deployment.ReserveFunction),
		inventory:   readPolicy(vars),
	}
}

// maxBatch is the number of messages in a batch of invoice-requests, see infra/wiring.go. All are handled
// concurrently.
const maxBatch = 25

func main() {
	vars := env.New(os.Getenv)
	c := read(vars)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	clock := awsclient.NewClock(rt.Now)
	clock.Watch(&rt.AWS)
	limits := issuance.DefaultLimits()
	limits.Inventory = c.inventory.timeout
	db, queues := dynamodb.NewFromConfig(rt.AWS), sqs.NewFromConfig(rt.AWS)
	audits := function.NewProducer(queues, c.audits)
	audits.Delay = time.Second
	reads := dynamo.NewBatchReader(db) // of breaker, profiles and buyers' keys, concurrently with the claim
	sagas := function.NewSagas(rt, db, c.platform)
	buyers := privacy.NewStore(reads, c.callers.Keys, rt.Now)
	buyers.Start(context.Background())
	guard := caller.NewGuard(context.Background(), rt, db, c.callers)
	h := handler{
		requests: sagas,
		guard:    guard.Middleware,
		publish:  function.NewProducer(queues, c.publish),
		issuer: &issuance.Issuer{
			Sagas:       sagas,
			Invoices:    invoice.NewStore(db, c.invoices),
			Merchants:   &merchant.Cache{Store: merchant.NewStore(reads, c.platform, rt.Now)},
			Buyers:      buyers,
			Inventory:   reserver{client: awslambda.NewFromConfig(rt.AWS), function: c.reserve},
			Breaker:     breaker.New(reads, c.inventory.breaker(c.platform), clock.Now),
			Compensator: function.NewExecutor(rt, c.machines, sagas),
			Queue:       queue.NewBatchProducer(queues, audits),
			HandOff:     function.NewProducer(queues, c.requests),
			Limits:      limits, Now: rt.Now, Log: rt.Log,
		},
		consumer: function.NewConsumer(rt, queues, c.requests, c.requestsDLQ, maxBatch),
		now:      rt.Now, log: rt.Log,
	}
	awsclient.Connect(context.Background(), rt.AWS, awsclient.DynamoDB, awsclient.SQS, awsclient.Inventory)
	rt.Start(function.Dispatch{HTTP: h.router().Handler(), Queue: h.batch})
}
