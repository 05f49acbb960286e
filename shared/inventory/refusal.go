package inventory

import (
	"fmt"
	"time"

	"github.com/invochain/invochain/shared/problem"
)

// Codes of a RefusedError.
const (
	OutOfStock = "out_of_stock"
	NotSold    = "not_sold" // more would come back than was sold
	UnknownSKU = "unknown_sku"
	SagaEnded  = "saga_ended"
	Malformed  = "invalid_reservation"
	StockBusy  = "stock_busy" // other writes held the stock items
)

// RefusedError means that nothing is reserved for the saga, nor will be: another delivery of
// the same Reserve that is still running returns the same error. It unwraps to a
// *problem.Error of kind Invalid (UnknownSKU, Malformed), Unavailable (StockBusy) or Conflict.
type RefusedError struct {
	Code    string     `dynamodbav:"code"`
	SKU     string     `dynamodbav:"sku,omitempty"`   // the first SKU that is short or unknown
	Message string     `dynamodbav:"message"`         // for people
	Short   []Shortage `dynamodbav:"short,omitempty"` // sorted by SKU; earlier versions stored none
}

// Error returns the code and the message.
func (e *RefusedError) Error() string { return e.Code + ": " + e.Message }

// Unwrap returns the refusal as a *problem.Error.
func (e *RefusedError) Unwrap() error {
	if e.Code == UnknownSKU || e.Code == Malformed {
		return &problem.Error{Kind: problem.Invalid, Code: e.Code, Message: e.Message, Fields: fields(e.Short)}
	}
	if e.Code == StockBusy {
		return &problem.Error{
			Kind: problem.Unavailable, Code: e.Code, Message: e.Message, Retryable: true, RetryAfter: time.Second,
		}
	}
	return &problem.Error{
		Kind: problem.Conflict, Code: e.Code, Message: e.Message, Retryable: true, Fields: fields(e.Short),
	}
}

// refusal returns the refusal for SKUs that are short or unknown. It is UnknownSKU as soon as
// one of them is: such a request cannot succeed before that SKU is counted.
func refusal(short []Shortage) *RefusedError {
	first := short[0]
	for _, s := range short {
		if s.Unknown && !first.Unknown {
			first = s
		}
	}
	message := first.message()
	if more := len(short) - 1; more > 0 {
		message += fmt.Sprintf("; errors names this and %d more", more)
	}
	return &RefusedError{Code: first.code(), SKU: first.SKU, Message: message, Short: short}
}

func sagaEnded() *RefusedError {
	return &RefusedError{Code: SagaEnded, Message: "the saga has ended and its reservation was released"}
}

func stockBusy() *RefusedError {
	return &RefusedError{
		Code: StockBusy, Message: "many sales of the same goods met; nothing was reserved, so send the same request again",
	}
}

// malformed returns a refusal that is the same for every delivery, so it needs no barrier.
func malformed(message string) error {
	return &RefusedError{Code: Malformed, Message: message}
}

func invalid(code, message string) error {
	return &problem.Error{Kind: problem.Invalid, Code: code, Message: message}
}

// contradiction returns the error of stock and barriers that contradict each other. Nothing was
// changed, and a retry does not help.
func contradiction(code, format string, args ...any) error {
	return &problem.Error{Kind: problem.Internal, Code: code, Message: fmt.Sprintf(format, args...)}
}
