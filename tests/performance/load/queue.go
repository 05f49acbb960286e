package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/tests/framework/invariants"
	"github.com/invochain/invochain/tests/framework/stack"
)

// ahead is how many messages the feeder keeps before the system: the queue never
// runs dry, and never grows past what a run can finish.
const ahead = 600

// queue feeds the queue door in bulk for the duration and tells how many invoices a
// second came out at the end, audited and published. -rate bounds the feeder; 0 for
// as much as is taken.
func (l *load) queue(ctx context.Context) error {
	w, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer w.Close(ctx)
	began := time.Now()
	fed, err := l.feed(ctx, w)
	if err != nil {
		return err
	}
	closed := time.Since(began)
	backlog, err := w.Backlog(ctx)
	if err != nil {
		return err
	}
	drained, err := w.Drained(ctx)
	if err != nil {
		return err
	}
	whole := time.Since(began).Seconds()
	fmt.Println("| fed | s | invoices/s, queue to audited and published | backlog at the end | drained after s |\n|---|---|---|---|---|")
	fmt.Printf("| %d | %.0f | %.1f | %d | %.1f |\n\n", fed, closed.Seconds(), float64(fed)/whole, backlog, drained.Seconds())
	err = w.Balance(ctx, func(b *invariants.Books, check invariants.Check) {
		check(fed-len(b.SagaOf), "each of %d messages has its own invoice", fed)
	})
	if !l.smoke && float64(fed)/whole < 100 {
		err = errors.Join(err, errors.New("fewer than 100 invoices a second"))
	}
	return err
}

// feed sends batches of ten until the time is over.
func (l *load) feed(ctx context.Context, w *world) (int, error) {
	url := w.Vars("INVOCHAIN_REQUESTS_QUEUE_URL")
	began := time.Now()
	var backlog atomic.Int64
	watched, stop := context.WithCancel(ctx)
	defer stop()
	go watch(watched, w, &backlog)
	sent := 0
	for time.Since(began) < l.duration && ctx.Err() == nil {
		if backlog.Load() > ahead || (l.rate > 0 && float64(sent) > time.Since(began).Seconds()*float64(l.rate)) {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if err := w.sendTen(ctx, url, sent); err != nil {
			return sent, err
		}
		sent += 10
		backlog.Add(10)
	}
	return sent, ctx.Err()
}

// watch asks seldom: the queue that answers is the one that works.
func watch(ctx context.Context, w *world, backlog *atomic.Int64) {
	stack.Every(ctx, 500*time.Millisecond, func() {
		if n, err := w.Backlog(ctx); err == nil {
			backlog.Store(int64(n))
		}
	})
}

func (w *world) sendTen(ctx context.Context, url string, from int) error {
	entries := make([]sqstypes.SendMessageBatchRequestEntry, 10)
	for i := range entries {
		n := from + i
		body := fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, stack.NewKey(), w.Request(w.Merchant(n), n, n/invariants.Merchants))
		entries[i] = sqstypes.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: &body}
	}
	out, err := w.SQS.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
	if err == nil && len(out.Failed) > 0 {
		err = fmt.Errorf("a message was refused: %s", aws.ToString(out.Failed[0].Message))
	}
	return err
}
