package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/problem"
)

// timeline is a saga in its wire form.
type timeline struct {
	ID         string        `json:"id"`
	State      saga.State    `json:"state"`
	MerchantID string        `json:"merchant_id"`
	InvoiceID  string        `json:"invoice_id,omitempty"`
	Reason     string        `json:"reason,omitempty"`
	BegunAt    string        `json:"begun_at"`
	Redrives   int           `json:"redrives"`
	Steps      []stepAttempt `json:"steps"`
}

type stepAttempt struct {
	Name       string `json:"name"`
	Attempt    int    `json:"attempt"`
	StartedAt  string `json:"started_at"`
	DurationMS int64  `json:"duration_ms"`
	Outcome    string `json:"outcome"`
	Error      string `json:"error,omitempty"`
}

func (h handler) saga(ctx context.Context, r httpapi.Request) (httpapi.Response, error) {
	s, err := h.sagas.Load(ctx, strings.ToLower(r.Params["id"]))
	if err == nil && isForeign(r, s.MerchantID) {
		err = &problem.Error{Kind: problem.NotFound, Code: "saga_not_found", Message: "there is no such saga"}
	}
	if err != nil {
		return httpapi.Response{}, err
	}
	t := timeline{
		ID: s.SagaID, State: s.State, MerchantID: s.MerchantID, InvoiceID: s.InvoiceID, Reason: s.Reason,
		BegunAt: timestamp(s.BegunAt), Redrives: s.Redrive, Steps: make([]stepAttempt, 0, len(s.Steps)),
	}
	for _, a := range s.Steps {
		t.Steps = append(t.Steps, stepAttempt{
			Name: a.Name, Attempt: a.Attempt, StartedAt: timestamp(a.StartedAt),
			DurationMS: a.DurationMS, Outcome: a.Outcome, Error: a.Error,
		})
	}
	return httpapi.JSON(http.StatusOK, t)
}

func timestamp(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }
