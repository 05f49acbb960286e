package inventory

import (
	"fmt"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/problem"
)

// Codes of a refusal.
const (
	OutOfStock = "out_of_stock"
	UnknownSKU = "unknown_sku"
	SagaEnded  = "saga_ended"
	Malformed  = "invalid_reservation"
)

// RefusedError is a Reserve's answer that nothing is reserved for the saga, nor
// will be: a delivery of the same Reserve that is still on its way gets the same
// answer. It unwraps to a *problem.Error of kind Invalid (UnknownSKU, Malformed) or
// Conflict.
type RefusedError struct {
	Code    string `dynamodbav:"code"`
	SKU     string `dynamodbav:"sku,omitempty"` // the first that stands in the way
	Message string `dynamodbav:"message"`       // for people
}

// Error implements error.
func (e *RefusedError) Error() string { return e.Code + ": " + e.Message }

// Unwrap gives the refusal in the project's own terms.
func (e *RefusedError) Unwrap() error {
	if e.Code == UnknownSKU || e.Code == Malformed {
		return invalid(e.Code, e.Message)
	}
	return &problem.Error{Kind: problem.Conflict, Code: e.Code, Message: e.Message, Retryable: true}
}

// shortage reads the stock item that refused; none means that the SKU is unknown.
func shortage(want barrier, sku string, item dynamo.Item) (*RefusedError, error) {
	if len(item) == 0 {
		return &RefusedError{UnknownSKU, sku, "there is no SKU " + sku}, nil
	}
	st, err := levelOf(want.MerchantID, sku, item)
	if err != nil {
		return nil, err
	}
	return &RefusedError{
		OutOfStock, sku, fmt.Sprintf("SKU %s: %s wanted, %s on hand", sku, want.Lines[sku], st.OnHand),
	}, nil
}

func sagaEnded() *RefusedError {
	return &RefusedError{Code: SagaEnded, Message: "the saga has ended and its reservation is released"}
}

// malformed refuses what is the same for every delivery: no barrier is needed.
func malformed(message string) error {
	return &RefusedError{Code: Malformed, Message: message}
}

func invalid(code, message string) error {
	return &problem.Error{Kind: problem.Invalid, Code: code, Message: message}
}

// violated tells of books or barriers that cannot be as they are: no retry mends
// them, and nothing was changed.
func violated(code, format string, args ...any) error {
	return &problem.Error{Kind: problem.Internal, Code: code, Message: fmt.Sprintf(format, args...)}
}
