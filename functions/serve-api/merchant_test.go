package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/callertest"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/merchant"
)

// auditQueue records the acts that are sent to it, unless it is away.
type auditQueue struct {
	sent []events.Act
	away bool
}

func (q *auditQueue) Send(_ context.Context, group string, m any) error {
	act := *m.(events.AuditRequest).Act
	if q.away || act.MerchantID != group {
		return errors.New("the queue is away")
	}
	q.sent = append(q.sent, act)
	return nil
}

// TestChangedProfilesAreActs: the entry has the names of the fields that change and none of their
// values. Without the entry nothing changes; a repetition changes nothing, and is no act.
func TestChangedProfilesAreActs(t *testing.T) {
	t.Parallel()
	db, q := dynamotest.Client(t), &auditQueue{}
	now := func() time.Time { return time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC) }
	acts := caller.Acts{Queue: q, Now: now, Log: slog.New(slog.DiscardHandler)}
	store := merchant.NewStore(db, dynamotest.Tables(t, db).Platform, now).WithOnChange(recordChange(acts))
	h := handler{merchants: store, now: now, log: slog.New(slog.DiscardHandler)}
	put := func(r caller.Role, body string) int {
		h.guard = callertest.Guard(r, "m")
		return httpapi.Invoke(t.Context(), h.router().Handler(), lambdaevents.APIGatewayProxyRequest{
			HTTPMethod: http.MethodPut, Path: "/merchants/m", Body: body,
			Headers: map[string]string{"Content-Type": "application/json"},
		}).StatusCode
	}
	const (
		first  = `{"name":"Asha","gstin":"27AABCU9603R1ZN"}`
		second = `{"name":"Asha","gstin":"27AABCU9603R1ZN","phone":"9812345678","closed_through":"2026-09"}`
	)
	require.Equal(t, http.StatusNotFound, put(caller.Admin, first))
	require.Empty(t, q.sent, "what is refused is no act")
	require.Equal(t, http.StatusOK, put(caller.Operator, first))
	require.Equal(t, http.StatusOK, put(caller.Operator, first))
	q.away = true
	require.Equal(t, http.StatusServiceUnavailable, put(caller.Admin, second))
	kept, err := store.Get(t.Context(), "m")
	require.NoError(t, err)
	require.Empty(t, kept.Phone)
	q.away = false
	require.Equal(t, http.StatusOK, put(caller.Admin, second))
	require.Len(t, q.sent, 2)
	want := events.Act{
		ID: q.sent[0].ID, Action: events.ProfileChanged, MerchantID: "m", Subject: "compliance, gstin, name",
		Actor: "cl_test", At: now(),
	}
	require.Equal(t, want, q.sent[0])
	require.NotEqual(t, q.sent[0].ID, q.sent[1].ID)
	require.Equal(t, "closed_through, phone", q.sent[1].Subject)
}
