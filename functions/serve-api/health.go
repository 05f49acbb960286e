package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/invochain/invochain/shared/breaker"
	"github.com/invochain/invochain/shared/domain"
	"github.com/invochain/invochain/shared/httpapi"
)

// readyLimit is what a dependency may take to count as ready.
const readyLimit = 2 * time.Second

// readiness names what fails, without telling how.
type readiness struct {
	Status       string            `json:"status"`
	Dependencies map[string]string `json:"dependencies"`
}

func (h handler) health(context.Context, httpapi.Request) (httpapi.Response, error) {
	return httpapi.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// ready reads an item that does not exist from each table: an answer of any kind
// shows that the table answers.
func (h handler) ready(ctx context.Context, _ httpapi.Request) (httpapi.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	_, merchants := h.merchants.Get(ctx, "health")
	_, invoices := h.invoices.Get(ctx, "health")
	out := readiness{Status: "ok", Dependencies: map[string]string{}}
	for name, err := range map[string]error{"platform_table": merchants, "invoices_table": invoices} {
		out.Dependencies[name] = "ok"
		var known *domain.Error
		if err != nil && !errors.As(err, &known) {
			h.log.ErrorContext(ctx, "not ready", slog.String("dependency", name), slog.String("error", err.Error()))
			out.Status, out.Dependencies[name] = "unavailable", "unavailable"
		}
	}
	// An inventory behind an open breaker is named, but the service is ready: it
	// serves reads, and invoices that need no stock.
	out.Dependencies["inventory"] = "ok"
	if h.inventory.Look(ctx).State == breaker.Open {
		out.Dependencies["inventory"] = "unavailable"
	}
	if out.Status != "ok" {
		return httpapi.JSON(http.StatusServiceUnavailable, out)
	}
	return httpapi.JSON(http.StatusOK, out)
}
