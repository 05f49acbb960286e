package main

import "time"

// append appends a batch to the audit log. Batches contend for its head.
func (c *cell) append(batch []*sale, done func(failed []*sale)) {
	var try func(attempt int)
	try = func(attempt int) {
		if c.head.hold(c.now, headHeld) {
			c.after(headHeld, func() { c.appended(batch, done) })
			return
		}
		if attempt == attempts {
			done(batch)
			return
		}
		c.after(backoff(c.random, attempt)+write+read, func() { try(attempt + 1) })
	}
	c.after(work+read, func() { try(1) })
}

// appended sends the events of a batch to be published, by the ten and concurrently.
func (c *cell) appended(batch []*sale, done func(failed []*sale)) {
	if !c.audit.take(c.now, float64(entryUnits*len(batch))) {
		c.tables.ask(c.now)
		c.tables.refuse(c.now)
		done(batch)
		return
	}
	c.after(send, func() {
		done(nil)
		for _, s := range batch {
			c.queues[1].add(s)
		}
	})
}

// publish puts the events of a batch on the bus, ten a call, one call after the other, and completes the sagas.
func (c *cell) publish(batch []*sale, done func(failed []*sale)) {
	calling := time.Duration(0)
	var refused, put []*sale
	for from := 0; from < len(batch); from += 10 {
		ten := batch[from:min(from+10, len(batch))]
		calling += send
		if c.calls.take(c.now, 1) {
			put = append(put, ten...)
		} else {
			refused = append(refused, ten...)
		}
	}
	c.after(work+read+calling, func() {
		left := len(put)
		if left == 0 {
			done(refused)
			return
		}
		for _, s := range put {
			c.deliver(s)
			c.write(s, c.platform, completeUnits+completeDue, completeDue, func(written bool) {
				if !written {
					refused = append(refused, s)
				}
				if left--; left == 0 {
					done(refused)
				}
			})
		}
	})
}

// deliver lets the bus deliver an event to the queue of bookings, one after the other at the quota.
func (c *cell) deliver(s *sale) {
	c.events.ask(c.now)
	began := c.now
	c.delivered = max(c.delivered, c.now) + time.Duration(float64(time.Second)/c.deliveries)
	c.after(c.delivered-c.now+send, func() {
		c.events.serve(began, c.now)
		c.queues[2].add(s)
	})
}

// book books the sales of a batch concurrently: each by itself on the item of its SKU, or those of a SKU together
// on an item of its own.
func (c *cell) book(batch []*sale, done func(failed []*sale)) {
	left := len(batch)
	var failed []*sale
	booked := func(s *sale) func(bool) {
		return func(ok bool) {
			if !ok {
				failed = append(failed, s)
			}
			if left--; left == 0 {
				done(failed)
			}
		}
	}
	if c.stockShards == 1 {
		for _, s := range batch {
			c.take(s, c.now+10*time.Second, booked(s))
		}
		return
	}
	first := map[place]bool{}
	for _, s := range batch {
		if first[s.sku] {
			c.after(write, func() { booked(s)(true) })
			continue
		}
		first[s.sku] = true
		at := c.shelf(s.sku)
		c.transact(at, func() *item { return &at.sales }, c.now+10*time.Second, booked(s))
	}
}
