package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/operations"
	"github.com/invochain/invochain/tests/framework/stack"
)

const (
	sku     = "SKU-002"
	reserve = deployment.ReserveFunction
	release = deployment.ReleaseFunction
)

// outage refuses the inventory's functions for one request and redrives its saga.
func (w *walk) outage(ctx context.Context) error {
	before, err := w.Stock(ctx, "merchant-123", sku)
	if err != nil {
		return err
	}
	key := client.NewKey()
	body := sale()
	if err := w.Allow(ctx, false, reserve, release); err != nil {
		return err
	}
	defer func() { _ = w.Allow(context.WithoutCancel(ctx), true, reserve, release) }()
	failed, err := w.Create(ctx, key, body)
	if err != nil {
		return err
	}
	sagaID := failed.Field("saga_id")
	retryAfter := failed.Header.Get("Retry-After")
	w.check(failed.Status == 503, "with the inventory's functions refused, the request gets a 503 (%d after %s)",
		failed.Status, failed.Took.Round(time.Millisecond))
	w.check(retryAfter != "" && failed.Field("retryable") == "true", "which is retryable after %s s", retryAfter)
	err = stack.Await(ctx, time.Minute, func() (bool, error) {
		state, err := w.State(ctx, sagaID)
		return state == "STUCK", err
	})
	w.check(err == nil, "its saga %s is STUCK after the compensation's last retry", sagaID)
	if err := w.checkDeadLetter(ctx, sagaID); err != nil {
		return err
	}
	return w.recovers(ctx, key, body, sagaID, before.OnHand.String())
}

func (w *walk) checkDeadLetter(ctx context.Context, sagaID string) error {
	found := false
	err := stack.Await(ctx, 10*time.Second, func() (bool, error) {
		deadLetters, err := w.Operator.DeadLetters(ctx)
		for _, d := range deadLetters {
			found = found || (d.Queue == "compensation" && strings.Contains(d.Body, sagaID))
		}
		return found, err
	})
	w.check(found, "the failed compensation is in the dead letter queue")
	return err
}

// recovers allows the functions again, redrives the saga and retries the request.
func (w *walk) recovers(ctx context.Context, key string, body []byte, sagaID, onHand string) error {
	if err := w.Allow(ctx, true, reserve, release); err != nil {
		return err
	}
	level, err := w.Stock(ctx, "merchant-123", sku)
	if err != nil {
		return err
	}
	w.check(level.Reserved == 0 && level.OnHand.String() == onHand,
		"with the inventory back, nothing is reserved and %s are on hand", level.OnHand)
	_, err = w.Operator.RedriveSaga(ctx, sagaID, operations.By{Operator: "walkthrough"})
	if err != nil && !errors.Is(err, saga.ErrLost) {
		return err // ErrLost: recovery has just redriven it
	}
	err = stack.Await(ctx, 30*time.Second, func() (bool, error) {
		state, err := w.State(ctx, sagaID)
		return state == "COMPENSATED", err
	})
	w.check(err == nil, "after a redrive the saga is COMPENSATED")
	again, err := w.Create(ctx, key, body)
	if err != nil {
		return err
	}
	w.check(again.Status == 201,
		"the same key now succeeds: %d, number %s", again.Status, again.Field("invoice_number"))
	err = stack.Await(ctx, 30*time.Second, func() (bool, error) {
		state, err := w.State(ctx, again.Field("saga_id"))
		return state == "COMPLETED", err
	})
	w.check(err == nil, "and its saga is COMPLETED: audited and published")
	return nil
}

// sale is a request that needs stock, with a number from series WALK.
func sale() []byte {
	return fmt.Appendf(nil, `{"series":"WALK","seller_merchant_id":"merchant-123","buyer_gstin":"29AABCU9603R1ZJ",`+
		`"invoice_date":"2025-11-26","items":[{"sku":%q,"description":"Steel bottle","hsn":"732393","quantity":3,`+
		`"unit":"NOS","unit_price":"250.00","gst_rate":18}]}`, sku)
}
