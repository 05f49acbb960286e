package operations

import (
	"context"

	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/issuance"
	"github.com/invochain/invochain/shared/problem"
)

// refuseDropped returns an OnDropped that ends the accepted request of a message: no message is
// left that could issue it.
func refuseDropped(sagas *saga.Store) func(ctx context.Context, queue, body string) error {
	return func(ctx context.Context, queue, body string) error {
		if queue != "requests" {
			return nil
		}
		m, invalid := issuance.ParseMessage(body)
		if invalid != nil {
			return nil //nolint:nilerr // it is not the message of an accepted request
		}
		return sagas.RefuseRequest(ctx, m.Identity(), &problem.Error{
			Kind: problem.Conflict, Code: "request_dropped",
			Message: "the request failed too often, and an operator dropped it; send it again, with the same Idempotency-Key",
		})
	}
}
