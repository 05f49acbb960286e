package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/problem"
)

// readyLimit is what a dependency may take to count as ready.
const readyLimit = 2 * time.Second

// check names what was looked at, and never tells how it fails.
type check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
}

// readiness is the answer when the service can work.
type readiness struct {
	Status string  `json:"status"` // ok; degraded, if something is refused meanwhile
	Checks []check `json:"checks"`
}

// unready is the problem document when it cannot.
type unready struct {
	Type      string  `json:"type"`
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail"`
	Code      string  `json:"code"`
	RequestID string  `json:"request_id"`
	Retryable bool    `json:"retryable"`
	Checks    []check `json:"checks"`
}

// probe asks one dependency for anything at all.
type probe struct {
	name string
	ask  func(context.Context) error
}

func (h handler) health(context.Context, httpapi.Request) (httpapi.Response, error) {
	return httpapi.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// ready asks all dependencies at once, so that one that hangs does not use up the
// others' time. An inventory behind an open breaker is named, but the service is ready:
// it serves reads, and invoices that need no stock.
func (h handler) ready(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	probes := h.probes()
	checks := make([]check, len(probes), len(probes)+1)
	var wg sync.WaitGroup
	for i, p := range probes {
		wg.Go(func() {
			err := p.ask(ctx)
			checks[i] = check{p.name, err == nil}
			if err != nil {
				h.log.ErrorContext(ctx, "not ready", slog.String("dependency", p.name), slog.String("error", err.Error()))
			}
		})
	}
	open := h.inventory.State(ctx).State == breaker.Open
	wg.Wait()
	for _, c := range checks {
		if !c.OK {
			return notReady(r.ID, append(checks, check{"inventory", !open}))
		}
	}
	status := map[bool]string{true: "degraded", false: "ok"}[open]
	return httpapi.JSON(http.StatusOK, readiness{status, append(checks, check{"inventory", !open})})
}

func notReady(id string, checks []check) (httpapi.Response, error) {
	const status = http.StatusServiceUnavailable
	r, err := httpapi.JSON(status, unready{
		Type: "urn:invochain:problem:not_ready", Title: http.StatusText(status), Status: status, Code: "not_ready",
		Detail: "something that the service needs does not answer", RequestID: id, Retryable: true, Checks: checks,
	})
	r.Header = map[string]string{"Content-Type": "application/problem+json"}
	return r, err
}

// probes read an item that does not exist from each table, and ask each queue that an
// invoice passes for its depth.
func (h handler) probes() []probe {
	all := []probe{
		{"platform_table", func(ctx context.Context) error { _, err := h.merchants.Get(ctx, "health"); return unlessAbsent(err) }},
		{"invoices_table", func(ctx context.Context) error { _, err := h.invoices.Get(ctx, "health"); return unlessAbsent(err) }},
	}
	for _, q := range h.needed {
		all = append(all, probe{q.name, func(ctx context.Context) error {
			_, err := h.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
				QueueUrl: &q.url, AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameApproximateNumberOfMessages},
			})
			return err
		}})
	}
	return all
}

// unlessAbsent: that there is no such thing is an answer.
func unlessAbsent(err error) error {
	var known *problem.Error
	if errors.As(err, &known) && known.Kind == problem.NotFound {
		return nil
	}
	return err
}
