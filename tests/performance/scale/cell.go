package main

import (
	"math/rand/v2"
	"time"
)

const create, reserve = "create-invoice", "reserve-inventory"

// cell is one deployment under load.
type cell struct {
	clock
	design

	random             *rand.Rand
	seller, ware       *rand.Zipf
	functions          map[string]*function
	running            int // executions of functions
	due                []*bucket
	platform, invoices *bucket // tables
	inventory, audit   *bucket
	lists              map[int]*bucket // of the index by-merchant, by merchant
	series             map[place]*sequence
	stock              map[place]*shelf
	rates              map[int]*bucket
	stage, calls       *bucket
	executed           *bucket
	delivered          time.Duration // when the bus has delivered what it has got
	head               item          // of the audit log
	queues             [3]*consumer  // audit, publish, book
	components         []*component
	door, lambda, dues, tables, listing, sold, numbers,
	events, compensated, stages, ownRates *component
}

// function counts the executions of a function, and the most that there were: so many instances are warm.
type function struct {
	running, warm int
	starts        bucket
}

// place names a series or a SKU of a merchant.
type place struct{ merchant, number int }

type sequence struct {
	item

	waiting []func() // commits that wait for the sequencer
	busy    bool
}

// shelf is a SKU: the items that reservations take from, and the item of its sales, in one partition.
type shelf struct {
	shards []item
	sales  item
	units  *bucket
}

// sale is an invoice on its way.
type sale struct {
	began, queued time.Duration
	seller        int
	series, sku   place
	shard         int
}

func newCell(d design, seed uint64) *cell {
	r := rand.New(rand.NewPCG(seed, 1))
	c := &cell{
		design: d, random: r, functions: map[string]*function{},
		seller:   rand.NewZipf(r, exponent, flatten, merchants-1),
		ware:     rand.NewZipf(r, exponent, flatten, skus-1),
		platform: newBucket(d.tableUnits), invoices: newBucket(d.tableUnits), inventory: newBucket(d.tableUnits),
		audit: newBucket(d.tableUnits), stage: newBucket(stageRate), calls: newBucket(d.putEvents),
		executed: newBucket(d.executions),
		lists:    map[int]*bucket{}, series: map[place]*sequence{}, stock: map[place]*shelf{}, rates: map[int]*bucket{},
	}
	for range d.dueShards {
		c.due = append(c.due, newBucket(d.partitionUnits))
	}
	second := time.Second
	c.stages = c.add(component{name: "stage of the API, set to 500/s", limit: second, set: true})
	c.ownRates = c.add(component{name: "rate of a merchant, set to 50/s", limit: second, set: true})
	c.lambda = c.add(component{name: "Lambda, concurrency", limit: second})
	c.dues = c.add(component{name: "index due", limit: second})
	c.tables = c.add(component{name: "tables", limit: second})
	c.sold = c.add(component{name: "stock of a SKU", limit: second})
	c.numbers = c.add(component{name: "series", limit: second})
	c.listing = c.add(component{name: "index by-merchant", limit: second})
	c.door = c.add(component{name: "**invoice, to the answer**", limit: second})
	auditing := c.add(component{name: "audit log", limit: 5 * second})
	publishing := c.add(component{name: "publishing", limit: 5 * second})
	c.events = c.add(component{name: "delivery by the bus", limit: 5 * second})
	booking := c.add(component{name: "booking", limit: 5 * second})
	c.compensated = c.add(component{name: "compensation, starts", limit: 60 * second})
	c.queues = [3]*consumer{
		{cell: c, function: "log-audit", component: auditing, workers: d.auditWorkers, batch: d.auditBatch, handle: c.append},
		{
			cell: c, function: "publish-event", component: publishing,
			workers: d.publishWorkers, batch: d.batch, handle: c.publish,
		},
		{cell: c, function: reserve, component: booking, workers: d.bookWorkers, batch: d.batch, handle: c.book},
	}
	return c
}

func (c *cell) add(of component) *component {
	c.components = append(c.components, &of)
	return &of
}

// offer lets invoices arrive at a rate that grows over the ramp.
func (c *cell) offer(r run) {
	end := ramp + r.measured
	var next func()
	next = func() {
		c.sell()
		rate := r.rate * min(1, max(0.02, c.now.Seconds()/ramp.Seconds()))
		c.after(time.Duration(c.random.ExpFloat64()/rate*float64(time.Second)), func() {
			if c.now < end {
				next()
			}
		})
	}
	c.after(0, next)
	c.runUntil(end)
	for _, q := range c.queues { // what waits too long breaks its queue, though nothing was refused
		if len(q.since) > 0 && end-q.since[0] > q.component.limit {
			q.component.breaks(end)
		}
	}
}

// begin takes a place for an execution of a function, and starts an instance if none is idle.
func (c *cell) begin(name string) bool {
	c.lambda.ask(c.now)
	f := c.functions[name]
	if f == nil {
		f = &function{starts: bucket{rate: c.starts, burst: 10 * c.starts, level: 10 * c.starts}}
		c.functions[name] = f
	}
	if c.running >= c.concurrency || f.running == f.warm && !f.starts.take(c.now, 1) {
		c.lambda.refuse(c.now)
		return false
	}
	f.warm = max(f.warm, f.running+1)
	f.running++
	c.running++
	c.lambda.serve(c.now, c.now)
	return true
}

func (c *cell) end(name string) {
	c.functions[name].running--
	c.running--
}

// sell issues an invoice. The sums and the orders are those of docs/saga.md.
func (c *cell) sell() {
	merchant := int(c.seller.Uint64())
	s := &sale{began: c.now, seller: merchant, shard: c.shardOf()}
	s.sku = place{merchant, int(c.ware.Uint64())}
	s.series = place{merchant, 0}
	if c.random.Float64() >= firstSeries {
		s.series.number = 1 + c.random.IntN(2)
	}
	c.count(c.stages, c.stage)
	if c.rates[merchant] == nil {
		c.rates[merchant] = newBucket(merchantRate)
	}
	c.count(c.ownRates, c.rates[merchant])
	c.door.ask(c.now)
	if !c.begin(create) {
		c.door.refuse(c.now)
		return
	}
	c.after(work, func() { c.claim(s) })
}

// shardOf returns a shard of the index due, which the code takes from a hash (shared/durable/saga).
func (c *cell) shardOf() int { return c.random.IntN(c.dueShards) }

// count asks a setting that is not enforced.
func (c *cell) count(of *component, b *bucket) {
	of.ask(c.now)
	if b.take(c.now, 1) {
		of.serve(c.now, c.now)
	} else {
		of.refuse(c.now)
	}
}

// fails answers a request with 503 or 429.
func (c *cell) fails(*sale) {
	c.door.refuse(c.now)
	c.end(create)
}

// write writes units to a table and to a shard of due. If they are throttled it tries again, as the SDK does.
func (c *cell) write(s *sale, b *bucket, units, due float64, done func(written bool)) {
	began := c.now
	c.tables.ask(began)
	if due > 0 {
		c.dues.ask(began)
	}
	var try func(attempt int)
	try = func(attempt int) {
		inTable := b.take(c.now, units)
		inIndex := due == 0 || c.due[s.shard].take(c.now, due)
		if inTable && inIndex {
			c.tables.serve(began, c.now+write)
			if due > 0 {
				c.dues.serve(began, c.now+write)
			}
			c.after(write, func() { done(true) })
			return
		}
		if attempt < sdkAttempts {
			c.after(backoff(c.random, attempt+3), func() { try(attempt + 1) })
			return
		}
		if !inTable {
			c.tables.refuse(c.now)
		}
		if !inIndex {
			c.dues.refuse(c.now)
		}
		done(false)
	}
	try(1)
}

func (c *cell) claim(s *sale) {
	c.write(s, c.platform, claimUnits+claimDue, claimDue, func(written bool) {
		if !written {
			c.fails(s)
			return
		}
		if !c.begin(reserve) { // while create-invoice waits for it
			c.fails(s)
			return
		}
		c.after(invoke, func() { c.reserve(s) })
	})
}

func (c *cell) reserve(s *sale) {
	c.take(s, min(c.now+reserveTime, s.began+requestTime), func(ok bool) {
		c.end(reserve)
		if !ok {
			c.compensate()
			c.fails(s)
			return
		}
		c.number(s)
	})
}

// take takes a sale from the stock of its SKU, before an end. A hot SKU has shards, of which each try takes one.
func (c *cell) take(s *sale, end time.Duration, done func(ok bool)) {
	at := c.shelf(s.sku)
	c.transact(at, func() *item { return &at.shards[c.random.IntN(len(at.shards))] }, end, done)
}

// shelf returns the items of a SKU.
func (c *cell) shelf(sku place) *shelf {
	if c.stock[sku] == nil {
		c.stock[sku] = &shelf{shards: make([]item, c.stockShards), units: newBucket(c.partitionUnits)}
	}
	return c.stock[sku]
}

// transact writes an item of a SKU in a transaction, before an end.
func (c *cell) transact(at *shelf, pick func() *item, end time.Duration, done func(ok bool)) {
	began := c.now
	c.sold.ask(began)
	finish := func(ok bool) {
		if ok {
			c.sold.serve(began, c.now)
		} else {
			c.sold.refuse(c.now)
		}
		done(ok)
	}
	var try func(attempt int)
	try = func(attempt int) {
		h := held(c.random)
		if pick().hold(c.now, h) && at.units.take(c.now, reserveUnits) && c.inventory.take(c.now, stockUnits) {
			c.after(h, func() { finish(true) })
			return
		}
		pause := backoff(c.random, attempt)
		if attempt == attempts || c.now+pause+write > end {
			finish(false)
			return
		}
		c.after(pause+write, func() { try(attempt + 1) }) // a refusal takes a call too
	}
	try(1)
}

// number commits the invoice with the next number of its series.
func (c *cell) number(s *sale) {
	began := c.now
	c.numbers.ask(began)
	if c.series[s.series] == nil {
		c.series[s.series] = &sequence{}
	}
	at := c.series[s.series]
	if c.perCommit > 1 {
		at.waiting = append(at.waiting, func() { c.numbers.serve(began, c.now); c.commit(s) })
		c.sequence(at)
		return
	}
	var try func(attempt int)
	try = func(attempt int) {
		h := held(c.random)
		if at.hold(c.now, h) {
			c.after(h, func() { c.numbers.serve(began, c.now); c.commit(s) })
			return
		}
		pause := backoff(c.random, attempt) + write + read
		if c.now+pause > s.began+requestTime {
			c.numbers.refuse(c.now)
			c.compensate()
			c.fails(s)
			return
		}
		c.after(pause, func() { try(attempt + 1) })
	}
	try(1)
}

// sequence commits what waits for a series, so many at once.
func (c *cell) sequence(at *sequence) {
	if at.busy || len(at.waiting) == 0 {
		return
	}
	at.busy = true
	n := min(c.perCommit, len(at.waiting))
	batch := at.waiting[:n:n]
	at.waiting = at.waiting[n:]
	c.after(held(c.random), func() {
		at.busy = false
		for _, committed := range batch {
			committed()
		}
		c.sequence(at)
	})
}

// commit charges the units of the commit, which its transaction has written already, and answers.
func (c *cell) commit(s *sale) {
	c.listing.ask(c.now)
	if c.lists[s.seller] == nil {
		c.lists[s.seller] = newBucket(c.partitionUnits)
	}
	if !c.lists[s.seller].take(c.now, 1) {
		c.listing.refuse(c.now)
		c.compensate()
		c.fails(s)
		return
	}
	c.listing.serve(c.now, c.now)
	c.write(s, c.platform, commitUnits, 0, func(written bool) {
		if !written || !c.invoices.take(c.now, documentUnits) {
			if written {
				c.tables.refuse(c.now)
			}
			c.compensate()
			c.fails(s)
			return
		}
		c.door.serve(s.began, c.now)
		c.end(create)
		c.queues[0].add(s)
	})
}

func (c *cell) compensate() {
	c.compensated.ask(c.now)
	if c.executed.take(c.now, 1) {
		c.compensated.serve(c.now, c.now)
	} else {
		c.compensated.refuse(c.now) // recovery starts it later
	}
}
