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

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/tests/framework/invariants"
	"github.com/invochain/invochain/tests/framework/stack"
)

// maxBacklog is the number of waiting messages at which the feeder pauses: the queue never
// runs dry, and never exceeds what a run can finish.
const maxBacklog = 600

// queue sends invoice requests to the queue for the duration and prints how many invoices
// per second were audited and published, for which the rate of the bare functions is the measure. -rate
// bounds the feeder; 0 means no bound.
func (l *load) queue(ctx context.Context) error {
	var least float64
	if !l.smoke {
		bare, err := l.bareRate(ctx)
		if err != nil {
			return err
		}
		least = 1.3 * bare
	}
	f, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer f.Close(ctx)
	began := time.Now()
	fed, err := l.feed(ctx, f)
	if err != nil {
		return err
	}
	feeding := time.Since(began)
	backlog, err := f.Backlog(ctx)
	if err != nil {
		return err
	}
	drained, err := f.Drained(ctx)
	if err != nil {
		return err
	}
	whole := time.Since(began).Seconds()
	fmt.Println("| fed | s | invoices/s, queue to audited and published | backlog at the end | drained after s |\n" +
		"|---|---|---|---|---|")
	fmt.Printf("| %d | %.0f | %.1f | %d | %.1f |\n\n",
		fed, feeding.Seconds(), float64(fed)/whole, backlog, drained.Seconds())
	err = f.Balance(ctx, func(s *invariants.Snapshot, check invariants.Check) {
		check(fed-len(s.SagaOf), "each of %d messages has its own invoice", fed)
	})
	if float64(fed)/whole < least {
		err = errors.Join(err, fmt.Errorf("fewer than 1.3 times those of the bare functions: %.1f", least))
	}
	return err
}

// feed sends batches of ten for the duration and returns the number of messages sent.
func (l *load) feed(ctx context.Context, f *fixture) (int, error) {
	url := f.Vars(deployment.RequestsQueue)
	began := time.Now()
	var backlog atomic.Int64
	pollCtx, stop := context.WithCancel(ctx)
	defer stop()
	go pollBacklog(pollCtx, f, &backlog)
	sent := 0
	for time.Since(began) < l.duration && ctx.Err() == nil {
		tooFast := l.rate > 0 && float64(sent) > time.Since(began).Seconds()*float64(l.rate)
		if backlog.Load() > maxBacklog || tooFast {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if err := f.sendTen(ctx, url, sent); err != nil {
			return sent, err
		}
		sent += 10
		backlog.Add(10)
	}
	return sent, ctx.Err()
}

// pollBacklog reads the queues' lengths twice a second, to leave the emulator to the work.
func pollBacklog(ctx context.Context, f *fixture, backlog *atomic.Int64) {
	stack.Every(ctx, 500*time.Millisecond, func() {
		if n, err := f.Backlog(ctx); err == nil {
			backlog.Store(int64(n))
		}
	})
}

func (f *fixture) sendTen(ctx context.Context, url string, from int) error {
	entries := make([]sqstypes.SendMessageBatchRequestEntry, 10)
	for i := range entries {
		n := from + i
		request := f.Request(f.Merchant(n), n, n/invariants.Merchants)
		body := fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, client.NewKey(), request)
		entries[i] = sqstypes.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: &body}
	}
	out, err := f.SQS.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
	if err == nil && len(out.Failed) > 0 {
		err = fmt.Errorf("send a message: %s", aws.ToString(out.Failed[0].Message))
	}
	return err
}
