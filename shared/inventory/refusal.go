package inventory

import (
	"fmt"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/problem"
)

// Codes of a RefusedError.
const (
	OutOfStock = "out_of_stock"
	UnknownSKU = "unknown_sku"
	SagaEnded  = "saga_ended"
	Malformed  = "invalid_reservation"
)

// RefusedError means that nothing is reserved for the saga, nor will be: another delivery of
// the same Reserve that is still running returns the same error. It unwraps to a
// *problem.Error of kind Invalid (UnknownSKU, Malformed) or Conflict.
type RefusedError struct {
	Code    string `dynamodbav:"code"`
	SKU     string `dynamodbav:"sku,omitempty"` // the first SKU that is short or unknown
	Message string `dynamodbav:"message"`       // for people
}

// Error returns the code and the message.
func (e *RefusedError) Error() string { return e.Code + ": " + e.Message }

// Unwrap returns the refusal as a *problem.Error.
func (e *RefusedError) Unwrap() error {
	if e.Code == UnknownSKU || e.Code == Malformed {
		return invalid(e.Code, e.Message)
	}
	return &problem.Error{Kind: problem.Conflict, Code: e.Code, Message: e.Message, Retryable: true}
}

// shortage returns the refusal for a SKU whose stock item refused a chunk; no item means that
// the SKU is unknown.
func shortage(chunk barrier, sku string, item dynamo.Item) (*RefusedError, error) {
	if len(item) == 0 {
		return &RefusedError{UnknownSKU, sku, fmt.Sprintf("SKU %s does not exist; record its stock first", sku)}, nil
	}
	level, err := decodeLevel(chunk.MerchantID, sku, item)
	if err != nil {
		return nil, err
	}
	message := fmt.Sprintf("SKU %s: %s requested, %s on hand", sku, chunk.Lines[sku], level.OnHand)
	return &RefusedError{OutOfStock, sku, message}, nil
}

func sagaEnded() *RefusedError {
	return &RefusedError{Code: SagaEnded, Message: "the saga has ended and its reservation was released"}
}

// malformed returns a refusal that is the same for every delivery, so it needs no barrier.
func malformed(message string) error {
	return &RefusedError{Code: Malformed, Message: message}
}

func invalid(code, message string) error {
	return &problem.Error{Kind: problem.Invalid, Code: code, Message: message}
}

// violated returns the error of stock and barriers that contradict each other. Nothing was
// changed, and a retry does not help.
func violated(code, format string, args ...any) error {
	return &problem.Error{Kind: problem.Internal, Code: code, Message: fmt.Sprintf(format, args...)}
}
