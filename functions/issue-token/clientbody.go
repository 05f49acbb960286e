package main

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
	"github.com/invochain/invochain/shared/strictjson"
)

// newClient is the body of POST /clients.
type newClient struct {
	merchantID string
	role       caller.Role
	reason     string
}

const maxReason = 200 // characters

func parseClient(body []byte) (newClient, error) {
	r, err := strictjson.Read(body)
	if err != nil {
		return newClient{}, err
	}
	var roles []string
	for _, role := range caller.Roles() {
		roles = append(roles, string(role))
	}
	in := newClient{
		merchantID: strictjson.Matching(r, "merchant_id", "merchant_malformed", gst.ParseMerchantID),
		role:       caller.Role(r.OneOf("role", roles...)),
		reason:     r.Text("reason", maxReason),
	}
	r.Require("role")
	r.Finish()
	return in, r.Err()
}

// rolled is the body of POST /clients/{id}/roll.
type rolled struct {
	overlap time.Duration
	reason  string
}

// Overlap of an old secret with the new one.
const (
	defaultOverlap = 24 * time.Hour
	maxOverlap     = 30 * 24 * time.Hour
)

func parseRoll(body []byte) (rolled, error) {
	r, err := strictjson.Read(body)
	if err != nil {
		return rolled{}, err
	}
	in := rolled{overlap: defaultOverlap, reason: r.Text("reason", maxReason)}
	if literal, given := r.Decimal("old_expires_in"); given {
		seconds, err := strconv.Atoi(literal)
		if err != nil || seconds < 0 || seconds > int(maxOverlap/time.Second) {
			r.Fail("old_expires_in", "out_of_range", "must be a number of seconds, 0 to 2592000 (30 days)")
		}
		in.overlap = time.Duration(seconds) * time.Second
	}
	r.Finish()
	return in, r.Err()
}

// ofRoll returns the problem of a secret that could not be rolled.
func ofRoll(err error) error {
	conflict := func(code string) error {
		return &problem.Error{Kind: problem.Conflict, Code: code, Message: err.Error(), Cause: err}
	}
	switch {
	case errors.Is(err, caller.ErrManySecrets):
		return conflict("too_many_secrets")
	case errors.Is(err, caller.ErrClientRevoked):
		return conflict("client_revoked")
	case errors.Is(err, caller.ErrClientChanged):
		return &problem.Error{
			Kind: problem.Unavailable, Code: "temporarily_unavailable", Message: err.Error(), Cause: err,
			Retryable: true, RetryAfter: time.Second,
		}
	default:
		return err
	}
}

func invalidField(name, code, message string) error {
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusUnprocessableEntity, Code: "invalid_request",
		Message: "the request is not valid; correct the fields listed in errors",
		Fields:  []problem.FieldError{{Field: name, Code: code, Message: message}},
	}
}
