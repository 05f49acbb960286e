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

// maxBacklog is the number of waiting messages, of all queues, at which the feeder pauses: some 600 are in batches in
// progress or wait for one to fill, and the queue of requests must not run dry.
const maxBacklog = 1500

// queue sends invoice requests to the queue for the duration and prints how many invoices
// per second were audited and published, for which the rate of the bare functions is the measure, and
// what an invoice took. -rate bounds the feeder; 0 means no bound.
func (l *load) queue(ctx context.Context) error {
	var rate float64
	var bare, ours spending
	var err error
	if !l.smoke {
		if rate, bare, err = l.bareRate(ctx); err != nil {
			return err
		}
	}
	f, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer f.Close(ctx)
	began := time.Now()
	if err := ours.add(l, func() (int, error) { return l.feedAndDrain(ctx, f) }); err != nil {
		return err
	}
	fed := ours.invoices
	done := float64(fed) / time.Since(began).Seconds()
	fmt.Printf("%d invoices, %.1f a second from the queue to audited and published\n", fed, done)
	if !l.smoke {
		compareSpending(bare, ours)
	}
	fmt.Println()
	err = f.Balance(ctx, func(s *invariants.Snapshot, check invariants.Check) {
		check(fed-len(s.SagaOf), "each of %d messages has its own invoice", fed)
	})
	if least := 1.3 * rate; done < least {
		err = errors.Join(err, fmt.Errorf("fewer than 1.3 times those of the bare functions: %.1f", least))
	}
	return err
}

// feedAndDrain sends messages for the duration, waits until the queues are empty, and returns how many it sent.
func (l *load) feedAndDrain(ctx context.Context, f *fixture) (int, error) {
	fed, err := l.feed(ctx, f)
	if err != nil {
		return fed, err
	}
	backlog, err := f.Backlog(ctx)
	if err != nil {
		return fed, err
	}
	drained, err := f.Drained(ctx)
	fmt.Printf("the last of them: %d waiting messages were drained after %.1f s\n", backlog, drained.Seconds())
	return fed, err
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
