package operations

import (
	"context"

	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/invoice"
	"github.com/invochain/invochain/shared/problem"
)

// maxArchived bounds how many archived sagas of a key are read.
const maxArchived = 1000

// SagasOfKey returns the sagas that a merchant's idempotency key has opened, newest first.
// Errors: those of idempotency.ParseKey; problem.NotFound.
func (s *System) SagasOfKey(ctx context.Context, merchantID, key string) ([]saga.Record, error) {
	k, err := idempotency.ParseKey(merchantID, key)
	if err != nil {
		return nil, err
	}
	found, err := s.Sagas.OfKey(ctx, k, maxArchived)
	if err == nil && len(found) == 0 {
		err = &problem.Error{
			Kind: problem.NotFound, Code: "saga_not_found", Message: "this merchant's key has opened no saga",
		}
	}
	return found, err
}

// SagaOfNumber returns the saga that claimed an invoice number, also one that is void.
// Error: problem.NotFound, for a number, or for a saga that is no longer archived.
func (s *System) SagaOfNumber(ctx context.Context, scope invoice.NumberScope, number string) (saga.Record, error) {
	sagaID, err := s.Invoices.SagaOfNumber(ctx, scope, number)
	if err != nil {
		return saga.Record{}, err
	}
	return s.Sagas.Load(ctx, sagaID)
}
