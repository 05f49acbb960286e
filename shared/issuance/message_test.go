package issuance_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

const invoiceBody = `{"invoice_number":"A-1","seller_merchant_id":"merchant-1","invoice_date":"2025-11-26",` +
	`"total_amount":1}`

// direct is a message that was sent to the queue itself, and order one that came from the bus.
func direct(t *testing.T) issuance.Message {
	t.Helper()
	m, err := issuance.ParseMessage(fmt.Sprintf(`{"idempotency_key":%q,"invoice":%s}`, key(1).ID, invoiceBody))
	require.NoError(t, err)
	return m
}

func order(t *testing.T) issuance.Message {
	t.Helper()
	m, err := issuance.ParseMessage(fmt.Sprintf(`{"version":"0","detail-type":"order.completed","source":"shop",`+
		`"detail":{"idempotency_key":%q,"invoice":%s}}`, key(1).ID, invoiceBody))
	require.NoError(t, err)
	return m
}

func TestSenderOfAMessage(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		message issuance.Message
		sender  string
		want    string
	}{
		"a role":           {direct(t), "AROA1234567890EXAMPLE:asha@example.com", "queue:AROA1234567890EXAMPLE"},
		"a user":           {direct(t), "AIDA1234567890EXAMPLE", "queue:AIDA1234567890EXAMPLE"},
		"unknown":          {direct(t), "", "queue"},
		"very long":        {direct(t), strings.Repeat("A", 500), "queue:" + strings.Repeat("A", 122)},
		"the bus":          {order(t), "AIDA1234567890EXAMPLE", "rule:order-completed"},
		"a client's alike": {direct(t), "cl_1", "queue:cl_1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			r, err := f.issuer.Issue(t.Context(), tc.message.SentBy(tc.sender), tc.message.Key, tc.message.Request)
			require.NoError(t, err)
			require.Equal(t, tc.want, f.actor(t, r.SagaID))
		})
	}
}

// TestNoMessageNamesItsActor: neither a message nor the producer of an event has a field for it.
func TestNoMessageNamesItsActor(t *testing.T) {
	t.Parallel()
	claim := fmt.Sprintf(`{"idempotency_key":%q,"actor":"cl_victim","invoice":%s}`, key(1).ID, invoiceBody)
	nested := strings.Replace(claim, `"actor":"cl_victim"`, `"detail-type":"order.completed","detail":{}`, 1)
	for name, body := range map[string]string{
		"a message":            claim,
		"an event":             `{"detail-type":"order.completed","detail":` + claim + `}`,
		"an event in an event": `{"detail-type":"order.completed","detail":` + nested + `}`,
	} {
		_, err := issuance.ParseMessage(body)
		require.Equal(t, "invalid_request", codeOf(err), name)
	}
}

// TestEventsAreReadStrictly: what EventBridge writes around the detail is not checked, the detail
// is, and faults have the names that the producer knows.
func TestEventsAreReadStrictly(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ detail, fault string }{
		"no key":         {`{"invoice":` + invoiceBody + `}`, "idempotency_key: required"},
		"a faulty field": {`{"idempotency_key":"x","invoice":{"due_date":"x"}}`, "invoice.due_date: date_invalid"},
		"no object":      {`[]`, "detail: wrong_type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := issuance.ParseMessage(`{"detail-type":"order.completed","replay-name":"r","detail":` + tc.detail + `}`)
			require.Contains(t, faultsOf(err), tc.fault)
			require.NotContains(t, faultsOf(err), "replay-name: unknown_field")
		})
	}
}

// faultsOf returns each fault that a refusal names.
func faultsOf(err error) []string {
	var faults []string
	if known, ok := errors.AsType[*problem.Error](err); ok {
		for _, f := range known.Fields {
			faults = append(faults, f.Field+": "+f.Code)
		}
	}
	return faults
}
