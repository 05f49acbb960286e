package main

import "time"

// design is what a version of the system and its quotas set. docs/scale.md has the sources.
type design struct {
	name string

	// Quotas of AWS, a second where they are rates.
	concurrency    int     // Lambda: concurrent executions of the account
	starts         float64 // Lambda: new instances of a function, ten seconds' worth at once
	tableUnits     float64 // DynamoDB: write units of a table
	partitionUnits float64 // DynamoDB: write units of a partition
	putEvents      float64 // EventBridge: calls
	deliveries     float64 // EventBridge: invocations of targets
	executions     float64 // Step Functions: StartExecution

	// Settings of infra and of the code.
	dueShards                   int
	auditWorkers, auditBatch    int // batches in progress, messages of a batch
	publishWorkers, bookWorkers int
	batch                       int           // messages of their batches
	window                      time.Duration // for which a batch gathers
	stockShards                 int           // of a hot SKU; with more than one, a sale is booked elsewhere, with others
	perCommit                   int           // invoices of a series that one transaction numbers, of the queue
}

// before is the system before the work on contention and backlog, at default quotas, in a region for which
// AWS names no higher ones.
func before() design {
	return design{
		name: "before", concurrency: 1_000, starts: 100, tableUnits: 40_000, partitionUnits: 1_000,
		putEvents: 600, deliveries: 1_100, executions: 150,
		dueShards: 4, auditWorkers: 2, auditBatch: 50, publishWorkers: 5, bookWorkers: 5, batch: 50,
		window: time.Second, stockShards: 1, perCommit: 1,
	}
}

// today is the deployed system, at the same quotas.
func today() design {
	d := before()
	d.name = "today"
	d.dueShards, d.auditBatch, d.publishWorkers = 64, 97, 20
	d.stockShards, d.perCommit = 32, 25
	return d
}

// raised is the deployed system with quotas that AWS raises on request.
func raised() design {
	d := today()
	d.name = "raised quotas"
	d.concurrency, d.tableUnits = 10_000, 200_000
	d.putEvents, d.deliveries, d.executions = 10_000, 18_750, 300
	return d
}

// Times of calls, and how long a transaction holds its items: 10 ms, and an exponential rest that is 10 ms in
// the mean, at most 60 ms in all.
const (
	write, invoke      = 5 * time.Millisecond, 10 * time.Millisecond
	read               = 3 * time.Millisecond
	work               = 5 * time.Millisecond // of a function at a request, besides its calls
	heldLeast, heldMax = 10 * time.Millisecond, 60 * time.Millisecond
	heldRest           = 10 * time.Millisecond
	headHeld           = 70 * time.Millisecond // of the audit log, by a batch
	send               = 20 * time.Millisecond // ten messages or events
)

// Bounds of the code.
const (
	requestTime, reserveTime = 8 * time.Second, 5 * time.Second // shared/issuance: DefaultLimits
	attempts                 = 30                               // shared/inventory
	firstPause, lastPause    = 5 * time.Millisecond, 200 * time.Millisecond
	sdkAttempts              = 3
)

// A partition serves so many read units a second. An instance of create-invoice reads the breaker's item twice a
// second, strongly consistent (shared/durable/breaker); other reads are of random keys.
const partitionReads, breakerReads = 3_000, 2

// Write units of an invoice, by table and index: tests/performance/cost counts them.
const (
	claimUnits, commitUnits, completeUnits = 1, 4, 2 // platform
	claimDue, completeDue                  = 1, 1    // index due
	documentUnits                          = 6       // invoices
	stockUnits, entryUnits                 = 4, 2    // inventory, each of two transactions; audit
	reserveUnits                           = 2       // of them, on the items of a SKU
)

// The load: who sells what. The largest merchant has 6 % of the invoices, its first series 80 % of
// those, and its first SKU 9 %.
const (
	merchants, skus   = 10_000, 200
	exponent, flatten = 1.1, 3.0
	firstSeries       = 0.8
)

// Limits that the deployment sets to protect itself. They are counted and not enforced: they would hide what
// lies behind them.
const stageRate, merchantRate = 500, 50
