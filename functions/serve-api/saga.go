package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/problem"
)

// timeline is a saga in its wire form, or an accepted request with all its attempts.
type timeline struct {
	ID            string            `json:"id"`
	State         saga.State        `json:"state"`
	MerchantID    string            `json:"merchant_id"`
	Actor         string            `json:"actor,omitempty"`
	Release       string            `json:"release,omitempty"` // of the code that began it
	InvoiceID     string            `json:"invoice_id,omitempty"`
	InvoiceNumber string            `json:"invoice_number,omitempty"`
	Links         map[string]string `json:"links,omitempty"`
	Reason        string            `json:"reason,omitempty"`
	NextAttemptAt string            `json:"next_attempt_at,omitempty"` // at the latest
	Problem       json.RawMessage   `json:"problem,omitempty"`         // the refusal of an accepted request
	BegunAt       string            `json:"begun_at"`
	EndedAt       string            `json:"ended_at,omitempty"`
	Redrives      int               `json:"redrives"`
	Attempts      []string          `json:"attempts,omitempty"` // sagas of an accepted request, oldest first
	Steps         []stepAttempt     `json:"steps"`
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
	tenant, err := sagaTenant(ctx, r.Query("merchant_id"))
	if err != nil {
		return httpapi.Response{}, err
	}
	s, err := h.sagas.Request(ctx, strings.ToLower(r.Param("id")))
	if err == nil && !tenant.Owns(s.MerchantID) {
		err = &problem.Error{Kind: problem.NotFound, Code: "saga_not_found", Message: "there is no such saga"}
	}
	if err != nil {
		return httpapi.Response{}, err
	}
	t := timeline{
		ID: s.ID, State: s.Status, MerchantID: s.MerchantID, Actor: s.Actor, Release: s.Release,
		InvoiceID: s.InvoiceID, InvoiceNumber: s.Number, Reason: s.Reason,
		BegunAt: timestamp(s.BegunAt), Redrives: s.Redrive, Attempts: s.Attempts, Steps: stepsOf(s),
	}
	if s.InvoiceID != "" {
		t.Links = map[string]string{"invoice": "/invoices/" + s.InvoiceID}
	}
	if at := endOf(s); at != 0 {
		t.EndedAt = timestamp(at)
	}
	if err := t.addFailure(s, r.ID); err != nil {
		return httpapi.Response{}, err
	}
	return httpapi.JSON(http.StatusOK, t)
}

// sagaTenant returns whose saga may be read. An operator need not know whose it is.
func sagaTenant(ctx context.Context, named string) (caller.Tenant, error) {
	if named == "" {
		return caller.From(ctx).Tenant, nil
	}
	return caller.TenantOf(ctx, named)
}

// addFailure adds what a request that is not issued failed with, or waits for.
func (t *timeline) addFailure(s saga.Request, requestID string) error {
	if s.Status == saga.Retrying && s.LastFailure != nil {
		t.NextAttemptAt = timestamp(s.LastFailure.Next)
	}
	if !s.Status.Ended() || s.InvoiceID != "" {
		return nil
	}
	refusal, err := s.LastFailure.Problem()
	if err == nil && refusal != nil {
		t.Problem = httpapi.Problem(refusal, requestID).Body
	}
	return err
}

// endOf returns when a request ended, in Unix milliseconds: as recorded, else when its last step
// did; 0 if it has not ended or took no step.
func endOf(s saga.Request) (last int64) {
	switch {
	case !s.Status.Ended():
		return 0
	case s.EndedAt != 0:
		return s.EndedAt
	}
	for _, a := range s.Steps {
		last = max(last, a.StartedAt+a.DurationMS)
	}
	return last
}

func stepsOf(s saga.Request) []stepAttempt {
	steps := make([]stepAttempt, 0, len(s.Steps))
	for _, a := range s.Steps {
		steps = append(steps, stepAttempt{
			Name: a.Name, Attempt: a.Attempt, StartedAt: timestamp(a.StartedAt),
			DurationMS: a.DurationMS, Outcome: a.Outcome, Error: a.Error,
		})
	}
	return steps
}

func timestamp(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }
