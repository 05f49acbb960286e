package main

import (
	"errors"
	"net/http"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/problem"
)

// refusal is an error of RFC 6749, section 5.2.
type refusal struct {
	Name        string `json:"error"`
	Description string `json:"error_description"` // ASCII without quotation marks and backslashes

	status int
	header map[string]string
}

// Error implements error.
func (r *refusal) Error() string { return r.Name + ": " + r.Description }

func (r *refusal) response() (httpapi.Response, error) {
	response, err := httpapi.JSON(r.status, r)
	response.Header = r.header
	return response, err
}

func refuse(status int, name, description string) *refusal {
	return &refusal{Name: name, Description: description, status: status}
}

// malformed returns the refusal of a body that is no form.
func malformed(err error) *refusal {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return refuse(http.StatusBadRequest, "invalid_request", p.Message)
	}
	return refuse(http.StatusBadRequest, "invalid_request", "the body is not form-encoded")
}

// nameInvalidClient is the error of wrong credentials.
const nameInvalidClient = "invalid_client"

// invalidClient refuses credentials without a word about which part of them is wrong.
func invalidClient(asked request) *refusal {
	description := "send the id and the secret of a client that is not revoked"
	if asked.secret != "" && !caller.WellFormed(asked.secret) {
		description = "the secret was mistyped or cut: it has 65 characters, ics_live_ or ics_test_ first"
	}
	r := refuse(http.StatusUnauthorized, nameInvalidClient, description)
	if asked.basic {
		r.header = map[string]string{"WWW-Authenticate": `Basic realm="invochain"`}
	}
	return r
}

// unavailable is what RFC 6749 leaves to HTTP.
func unavailable() *refusal {
	r := refuse(http.StatusServiceUnavailable, "temporarily_unavailable", "no token can be issued now; try again")
	r.header = map[string]string{"Retry-After": "1"}
	return r
}
