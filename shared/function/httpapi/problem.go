package httpapi

import (
	"errors"
	"maps"
	"math"
	"net/http"
	"strconv"

	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

// Problem renders err as a problem document for the caller.
func Problem(err error, requestID string) Response {
	known := shown(err)
	status := statusOf(known)
	body, err := marshalExtended(document{
		Type: "urn:invochain:problem:" + known.Code, Title: http.StatusText(status), Status: status,
		Detail: known.Message, Code: known.Code, RequestID: requestID, SagaID: known.SagaID,
		Retryable: known.Retryable, Errors: known.Fields,
	}, known.Extensions)
	if err != nil {
		return Response{Status: http.StatusInternalServerError}
	}
	header := map[string]string{"Content-Type": "application/problem+json"}
	maps.Copy(header, known.Header)
	if known.RetryAfter > 0 {
		header["Retry-After"] = strconv.Itoa(max(1, int(math.Ceil(known.RetryAfter.Seconds()))))
	}
	return Response{Status: status, Header: header, Body: body}
}

// shown returns what a caller may read of err. Any error but a *problem.Error becomes a 500
// with code `internal`, and its text is not shown.
func shown(err error) *problem.Error {
	known, ok := errors.AsType[*problem.Error](err)
	if !ok || known.Kind == problem.Internal {
		return &problem.Error{Kind: problem.Internal, Code: "internal", Message: internalDetail, Retryable: true}
	}
	return known
}

// document is a problem document (RFC 9457) with this API's members.
type document struct {
	Type      string               `json:"type"`
	Title     string               `json:"title"`
	Status    int                  `json:"status"`
	Detail    string               `json:"detail"`
	Code      string               `json:"code"`
	RequestID string               `json:"request_id"`
	SagaID    string               `json:"saga_id,omitempty"`
	Retryable bool                 `json:"retryable"`
	Errors    []problem.FieldError `json:"errors,omitempty"`
}

// internalDetail is all that a caller reads about an internal error.
const internalDetail = "something went wrong on our side; " +
	"it is safe to send the same request with the same Idempotency-Key again"

// marshalExtended appends the extension members to the members of d.
func marshalExtended(d document, extensions map[string]any) ([]byte, error) {
	body, err := strictjson.Marshal(d)
	if err != nil || len(extensions) == 0 {
		return body, err
	}
	more, err := strictjson.Marshal(extensions)
	if err != nil {
		return nil, err
	}
	return append(append(body[:len(body)-1], ','), more[1:]...), nil
}

// statusOf returns the HTTP status of an error: its own, or that of its kind.
func statusOf(e *problem.Error) int {
	if e.Status != 0 {
		return e.Status
	}
	switch e.Kind {
	case problem.Invalid:
		return http.StatusUnprocessableEntity
	case problem.NotFound:
		return http.StatusNotFound
	case problem.Conflict:
		return http.StatusConflict
	case problem.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}
