package contention_test

import (
	"sync"
	"time"
)

// message is a request on a queue; done is how its sender learns that it is handled.
type message struct {
	n    int
	done chan error
}

// queue is a queue whose pollers gather batches, and whose consumers handle them.
type queue struct {
	messages chan message
	pollers  sync.WaitGroup
	batches  chan []message
	wg       sync.WaitGroup
}

const (
	pollers = 5           // with which Lambda begins
	window  = time.Second // for which a poller gathers, as infra/wiring.go has it
)

// newQueue returns a queue whose consumers handle batches of up to size messages. start starts one
// and returns what handles a batch.
func newQueue(size, consumers int, start func() func([]message) []error) *queue {
	q := &queue{messages: make(chan message, 10_000), batches: make(chan []message)}
	for range pollers {
		q.pollers.Go(func() {
			for batch := q.receive(size); len(batch) > 0; batch = q.receive(size) {
				q.batches <- batch
			}
		})
	}
	for range consumers {
		handle := start()
		q.wg.Go(func() {
			for batch := range q.batches {
				for i, err := range handle(batch) {
					batch[i].done <- err
				}
			}
		})
	}
	return q
}

// receive returns up to size messages; none once the queue is closed.
func (q *queue) receive(size int) []message {
	first, open := <-q.messages
	if !open {
		return nil
	}
	batch := []message{first}
	end := time.After(window)
	for len(batch) < size {
		select {
		case m, open := <-q.messages:
			if !open {
				return batch
			}
			batch = append(batch, m)
		case <-end:
			return batch
		}
	}
	return batch
}

// send sends message n and waits until it is handled.
func (q *queue) send(n int) error {
	m := message{n: n, done: make(chan error, 1)}
	q.messages <- m
	return <-m.done
}

func (q *queue) close() {
	close(q.messages)
	q.pollers.Wait()
	close(q.batches)
	q.wg.Wait()
}
