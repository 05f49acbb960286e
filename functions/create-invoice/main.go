// Command create-invoice issues invoices, through both doors: POST /invoices and
// the queue invoice-requests.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/queue"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/merchant"
	"github.com/invochain/invochain/shared/metric"
)

// config is what the environment says.
type config struct {
	platform, invoices            string
	requests, requestsDLQ, audits string
	machine, reserve              string
	merchantAge                   time.Duration
	inventory                     policy
}

func read(vars *env.Reader) config {
	return config{
		platform:    vars.Required(deployment.PlatformTable),
		invoices:    vars.Required(deployment.InvoicesTable),
		requests:    vars.Required(deployment.RequestsQueue),
		requestsDLQ: vars.Required(deployment.RequestsDLQ),
		audits:      vars.Required(deployment.AuditQueue),
		machine:     vars.Required(deployment.CompensationARN),
		reserve:     vars.Required(deployment.ReserveFunction),
		merchantAge: vars.Duration("INVOCHAIN_MERCHANT_CACHE", time.Minute),
		inventory:   readPolicy(vars),
	}
}

func main() {
	vars := env.New(os.Getenv)
	c := read(vars)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	clock := awsclient.NewClock(time.Now)
	clock.Watch(&rt.AWS)
	limits := issuance.DefaultLimits()
	limits.Inventory = c.inventory.timeout
	db, queues := dynamodb.NewFromConfig(rt.AWS), sqs.NewFromConfig(rt.AWS)
	issuer := &issuance.Issuer{
		Sagas:       saga.Open(db, c.platform, time.Now).Telling(telemetry.CountHook(metric.SagaCompleted)),
		Invoices:    invoice.NewStore(db, c.invoices),
		Merchants:   &merchant.Cache{Store: merchant.NewStore(db, c.platform, time.Now), Age: c.merchantAge, Now: time.Now},
		Inventory:   reserver{client: awslambda.NewFromConfig(rt.AWS), function: c.reserve},
		Breaker:     breaker.New(db, c.inventory.breaker(c.platform), clock.Now),
		Compensator: saga.StepFunctions{Client: sfn.NewFromConfig(rt.AWS), MachineARN: c.machine, Trace: telemetry.TraceParent},
		Queue:       queue.NewBatchProducer(queues, queue.Producer{URL: c.audits, Delay: time.Second, TraceParent: telemetry.TraceParent}),
		HandOff:     queue.Producer{SQS: queues, URL: c.requests, TraceParent: telemetry.TraceParent},
		Limits:      limits, Now: time.Now, Log: rt.Log,
	}
	h := handler{
		issuer: issuer, now: time.Now, log: rt.Log,
		consumer: queue.Consumer{SQS: queues, Source: c.requests, DLQ: c.requestsDLQ, Workers: 10, Log: rt.Log, OnReceive: telemetry.Message},
	}
	rt.Start(h.handle)
}
