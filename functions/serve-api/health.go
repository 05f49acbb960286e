package main

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/shared/durable/breaker"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/problem"
)

// readyTimeout is how long a dependency may take to count as ready.
const readyTimeout = 2 * time.Second

// check is the state of one dependency. It never says how the dependency fails.
type check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
}

// readiness is the answer when the service can work.
type readiness struct {
	Status string  `json:"status"` // ok, or degraded while some requests are refused
	Checks []check `json:"checks"`
}

// probe calls one dependency.
type probe struct {
	name string
	call func(context.Context) error
}

func (h handler) health(context.Context, httpapi.Request) (httpapi.Response, error) {
	return httpapi.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// ready calls all dependencies concurrently, so that one that hangs does not use up the
// time of the others. While the inventory's breaker is open the service is degraded, but
// ready: it serves reads, and invoices that need no stock.
func (h handler) ready(ctx context.Context, _ httpapi.Request) (httpapi.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	probes := h.probes()
	checks := make([]check, len(probes), len(probes)+1)
	var wg sync.WaitGroup
	for i, p := range probes {
		wg.Go(func() {
			err := p.call(ctx)
			checks[i] = check{p.name, err == nil}
			if err != nil {
				h.log.ErrorContext(ctx, "not ready", slog.String("dependency", p.name), slog.String("error", err.Error()))
			}
		})
	}
	open := h.breaker.State(ctx).State == breaker.Open
	wg.Wait()
	ready := !slices.ContainsFunc(checks, func(c check) bool { return !c.OK })
	checks = append(checks, check{"inventory", !open})
	switch {
	case !ready:
		return httpapi.Response{}, &problem.Error{
			Kind:       problem.Unavailable,
			Code:       "not_ready",
			Retryable:  true,
			Message:    "a dependency of the service does not respond",
			Extensions: map[string]any{"checks": checks},
		}
	case open:
		return httpapi.JSON(http.StatusOK, readiness{"degraded", checks})
	default:
		return httpapi.JSON(http.StatusOK, readiness{"ok", checks})
	}
}

// noInvoice is the id of an invoice that cannot exist.
const noInvoice = "00000000-0000-0000-0000-000000000000"

// probes read an item that does not exist from each table, and the depth of each queue
// that an invoice passes through.
func (h handler) probes() []probe {
	all := []probe{
		{
			"platform_table",
			func(ctx context.Context) error { _, err := h.merchants.Get(ctx, "health"); return ignoreNotFound(err) },
		},
		{
			"invoices_table",
			func(ctx context.Context) error { _, err := h.invoices.Load(ctx, noInvoice); return ignoreNotFound(err) },
		},
	}
	for _, q := range h.needed {
		all = append(all, probe{q.name, func(ctx context.Context) error {
			_, err := h.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
				QueueUrl:       &q.url,
				AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameApproximateNumberOfMessages},
			})
			return err
		}})
	}
	return all
}

// ignoreNotFound treats a missing item as an answer: the table has responded.
func ignoreNotFound(err error) error {
	if problem.KindOf(err) == problem.NotFound {
		return nil
	}
	return err
}
