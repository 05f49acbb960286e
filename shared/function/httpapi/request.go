package httpapi

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

// Request is the request that a handler gets.
type Request struct {
	ID     string            // API Gateway's request id
	Params map[string]string // path parameters by name, decoded
	event  lambdaevents.APIGatewayProxyRequest
}

// Header returns the value of a header, empty if it is absent. The values of a repeated one are
// joined by commas (RFC 9110 s.5.3), so that none is ignored. Names match without case.
func (r Request) Header(name string) string { return strings.Join(r.lines(name), ", ") }

// lines returns all values of a header that may be repeated. Names match without case.
func (r Request) lines(name string) []string {
	for k, v := range r.event.MultiValueHeaders {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	for k, v := range r.event.Headers {
		if strings.EqualFold(k, name) {
			return []string{v}
		}
	}
	return nil
}

// HasQuery reports whether the request has a query parameter, even an empty one.
func (r Request) HasQuery(name string) bool {
	_, once := r.event.QueryStringParameters[name]
	_, more := r.event.MultiValueQueryStringParameters[name]
	return once || more
}

// Query returns a query parameter, empty if it is absent.
func (r Request) Query(name string) string { return r.event.QueryStringParameters[name] }

// JSONBody returns the body of a JSON request, without the byte order mark that some Windows
// programs write. Errors are *problem.Error: 415 for another content type or charset or a compressed body,
// 400 for malformed base64, 413 for more than strictjson.MaxBody bytes.
func (r Request) JSONBody() ([]byte, error) {
	body, err := r.body("application/json")
	if err != nil {
		return nil, err
	}
	return bytes.TrimPrefix(body, []byte("\ufeff")), nil
}

// FormBody returns the fields of a form. Errors are those of JSONBody, and 400 for a body that is
// not a form.
func (r Request) FormBody() (url.Values, error) {
	body, err := r.body("application/x-www-form-urlencoded")
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, invalidRequest("the body is not form-encoded")
	}
	return form, nil
}

// body returns the body of a request of one content type.
func (r Request) body(want string) ([]byte, error) {
	kind, params, err := mime.ParseMediaType(r.Header("Content-Type"))
	if err != nil || kind != want {
		return nil, unsupported("send Content-Type: " + want)
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, unsupported("send the body in UTF-8")
	}
	if encoding := r.Header("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, unsupported("send the body uncompressed, without Content-Encoding")
	}
	body := []byte(r.event.Body)
	if r.event.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(r.event.Body); err != nil {
			return nil, &problem.Error{
				Kind: problem.Invalid, Status: http.StatusBadRequest, Code: "body_not_json",
				Message: "the body is not JSON",
			}
		}
	}
	if len(body) > strictjson.MaxBody {
		return nil, &problem.Error{
			Kind: problem.Invalid, Status: http.StatusRequestEntityTooLarge, Code: "body_too_large",
			Message: fmt.Sprintf("the body is larger than %d bytes", strictjson.MaxBody),
		}
	}
	return body, nil
}

func invalidRequest(message string) error {
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusBadRequest, Code: "invalid_request", Message: message,
	}
}

func unsupported(message string) error {
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type", Message: message,
	}
}
