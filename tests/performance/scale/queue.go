package main

import "time"

// consumer is a queue with its function: so many batches in progress, each of so many messages, gathered for
// the window.
type consumer struct {
	cell      *cell
	function  string
	component *component
	workers   int
	batch     int
	waiting   []*sale
	since     []time.Duration // when each came
	woken     bool
	handle    func(batch []*sale, done func(failed []*sale))
}

func (q *consumer) add(s *sale) {
	q.component.ask(q.cell.now)
	q.put(s, q.cell.now)
}

func (q *consumer) put(s *sale, since time.Duration) {
	q.waiting, q.since = append(q.waiting, s), append(q.since, since)
	s.queued = since
	q.start()
}

// start begins batches that are full, and plans to look again when the window of the oldest message ends.
func (q *consumer) start() {
	for q.workers > 0 && len(q.waiting) > 0 {
		full := len(q.waiting) >= q.batch
		if !full && q.cell.now-q.since[0] < q.cell.window {
			if !q.woken {
				q.woken = true
				q.cell.after(q.cell.window-(q.cell.now-q.since[0]), func() { q.woken = false; q.start() })
			}
			return
		}
		if !q.cell.begin(q.function) {
			q.cell.after(100*time.Millisecond, q.start) // no concurrency is left: the poller tries again
			return
		}
		n := min(q.batch, len(q.waiting))
		batch := q.waiting[:n:n]
		q.waiting, q.since = q.waiting[n:], q.since[n:]
		q.workers--
		q.handle(batch, func(failed []*sale) { q.end(batch, failed) })
	}
}

// end records a batch. What failed is received again after a pause.
func (q *consumer) end(batch, failed []*sale) {
	q.cell.end(q.function)
	q.workers++
	again := map[*sale]bool{}
	for _, s := range failed {
		again[s] = true
		q.component.refuse(q.cell.now)
		pause := time.Second + time.Duration(q.cell.random.Int64N(int64(29*time.Second)))
		q.cell.after(pause, func() { q.put(s, s.queued) })
	}
	for _, s := range batch {
		if !again[s] {
			q.component.serve(s.queued, q.cell.now)
		}
	}
	q.start()
}
