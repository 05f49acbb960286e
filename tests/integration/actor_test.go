//go:build integration

package integration_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/tests/framework/stack"
)

// httpActor is the pattern of a client.
const httpActor = `^cl_[a-z2-7]{26}$`

// TestActorByEachDoor: saga and audit log name who caused an invoice, by whichever way it came.
func TestActorByEachDoor(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		request func(*fixture, *testing.T, string, string)
		actor   string // a pattern
	}{
		"http":          {(*fixture).post, httpActor},
		"respond-async": {(*fixture).postAsync, httpActor},
		"queue":         {(*fixture).sendRequest, `^queue:\w+$`},
		"bus":           {(*fixture).putOrder, `^rule:order-completed$`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			m := f.merchant(t, "advise")
			tc.request(f, t, m, requestOf(client.NewKey(), numbered(m, "A-1")))
			require.NoError(t, stack.Await(t.Context(), time.Minute, func() (bool, error) {
				entries, err := f.logged(t.Context(), m)
				return len(entries) == 1, err
			}))
			entries, err := f.logged(t.Context(), m)
			require.NoError(t, err)
			require.Regexp(t, tc.actor, entries[0].Actor)
			saga := f.call(t, http.MethodGet, "/sagas/"+entries[0].ID, nil)
			require.Equal(t, entries[0].Actor, saga.Field("actor"))
		})
	}
}

// TestNobodyClaimsAnActor: a message and an event that name one are refused; nothing is issued.
func TestNobodyClaimsAnActor(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(*fixture, *testing.T, string, string){
		"queue": (*fixture).sendRequest, "bus": (*fixture).putOrder,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			m := f.merchant(t, "advise")
			tap := f.subscribe(t, events.InvoiceRefused)
			claim := strings.Replace(requestOf(client.NewKey(), numbered(m, "A-1")), "{", `{"actor":"cl_another",`, 1)
			send(f, t, m, claim)
			refused := drain(t, tap, func(e events.Event) bool { return e.MerchantID == m }, 1)
			require.Len(t, refused, 1)
			for _, e := range refused {
				require.Contains(t, string(e.Data), "actor")
			}
			require.Empty(t, f.invoices(t, m))
		})
	}
}

func (f *fixture) post(t *testing.T, merchantID, _ string) {
	t.Helper()
	require.Equal(t, http.StatusCreated, f.create(t, client.NewKey(), numbered(merchantID, "A-1")).Status)
}

func (f *fixture) postAsync(t *testing.T, merchantID, _ string) {
	t.Helper()
	r := f.call(t, http.MethodPost, "/invoices", []byte(numbered(merchantID, "A-1")),
		"Content-Type", "application/json", "Idempotency-Key", client.NewKey(), "Prefer", "respond-async")
	require.Equal(t, http.StatusAccepted, r.Status, "%s", r.Body)
}

func (f *fixture) sendRequest(t *testing.T, _, body string) {
	t.Helper()
	f.send(t, deployment.RequestsQueue, body)
}

func (f *fixture) putOrder(t *testing.T, _, detail string) {
	t.Helper()
	out, err := f.Bus.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []ebtypes.PutEventsRequestEntry{{
		EventBusName: aws.String(f.Vars(deployment.BusName)), Source: aws.String("shop"),
		DetailType: aws.String("order.completed"), Detail: &detail,
	}}})
	require.NoError(t, err)
	require.Zero(t, out.FailedEntryCount, fmt.Sprint(out.Entries))
}
