package httpapi

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

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
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.http.Body, strictjson.MaxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, &problem.Error{
			Kind: problem.Invalid, Status: http.StatusRequestEntityTooLarge, Code: "body_too_large",
			Message: fmt.Sprintf("the body is larger than %d bytes", strictjson.MaxBody),
		}
	}
	if err != nil { // malformed base64 of an event, or a connection that broke
		return nil, &problem.Error{
			Kind: problem.Invalid, Status: http.StatusBadRequest, Code: "body_not_json",
			Message: "the body is not JSON", Cause: err,
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
