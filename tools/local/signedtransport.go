package main

import (
	"bytes"
	"io"
	"net/http"
)

// signedTransport sends requests. If the API refuses the gateway's own token, because its key was
// withdrawn or its client revoked, it gets another one and sends the request again: what is
// answered with 401 was not carried out.
type signedTransport struct {
	session *session
	next    http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t signedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	authorization := r.Header.Get("Authorization")
	if !t.session.owns(authorization) {
		return t.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	response, err := t.send(r, authorization, body)
	if err != nil || response.StatusCode != http.StatusUnauthorized {
		return response, err
	}
	t.session.forget(authorization)
	token, err := t.session.token(r.Context())
	if err != nil {
		return response, nil //nolint:nilerr // the caller gets the 401, and the next request tries again
	}
	_ = response.Body.Close()
	return t.send(r, bearer(token), body)
}

func (t signedTransport) send(r *http.Request, authorization string, body []byte) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", authorization)
	r.Body = unrepeatable(io.NopCloser(bytes.NewReader(body)))
	return t.next.RoundTrip(r)
}
