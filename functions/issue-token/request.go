package main

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/invochain/invochain/shared/function/httpapi"
)

// request is what a client asks for, and how it authenticates.
type request struct {
	id, secret string
	basic      bool // by the Authorization header
	scope      string
}

// parse reads a request for a token. Errors are *refusal.
func parse(r httpapi.Request) (request, error) {
	if r.HasQuery("client_secret") {
		return request{}, refuse(http.StatusBadRequest, "invalid_request",
			"the secret is in the URL, which is written to logs: roll it, and send the new one in the body or by Basic")
	}
	form, err := r.FormBody()
	if err != nil {
		return request{}, malformed(err)
	}
	for _, values := range form {
		if len(values) > 1 {
			return request{}, refuse(http.StatusBadRequest, "invalid_request", "each field must be given once")
		}
	}
	switch form.Get("grant_type") {
	case "client_credentials":
	case "":
		return request{}, refuse(http.StatusBadRequest, "invalid_request", "grant_type is missing: send client_credentials")
	default:
		return request{}, refuse(http.StatusBadRequest, "unsupported_grant_type", "send grant_type=client_credentials")
	}
	asked, err := credentials(r.Header("Authorization"), form)
	asked.scope = form.Get("scope")
	return asked, err
}

// credentials returns those of one method: client_secret_basic or client_secret_post (RFC 6749,
// section 2.3.1).
func credentials(authorization string, form url.Values) (request, error) {
	inBody := form.Has("client_secret")
	if authorization == "" {
		if !inBody || !form.Has("client_id") {
			return request{}, invalidClient(request{})
		}
		return request{id: form.Get("client_id"), secret: form.Get("client_secret")}, nil
	}
	if inBody {
		return request{}, refuse(http.StatusBadRequest, "invalid_request", "send the secret by one method only")
	}
	asked := request{basic: true}
	scheme, encoded, _ := strings.Cut(authorization, " ")
	pair, err := base64.StdEncoding.DecodeString(encoded)
	id, secret, found := strings.Cut(string(pair), ":")
	if !strings.EqualFold(scheme, "Basic") || err != nil || !found {
		return request{}, invalidClient(asked)
	}
	var errID, errSecret error
	asked.id, errID = url.QueryUnescape(id)
	asked.secret, errSecret = url.QueryUnescape(secret)
	if errors.Join(errID, errSecret) != nil || (form.Has("client_id") && form.Get("client_id") != asked.id) {
		return request{}, invalidClient(asked)
	}
	return asked, nil
}
