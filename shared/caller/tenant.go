package caller

import (
	"net/http"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// Tenant is what a request may see: the records of one merchant, or of all for an operator. Stores
// take it in the place of a merchant's id, so that none can come from a request unverified. The
// zero Tenant owns nothing.
type Tenant struct {
	merchantID string
	all        bool
}

// ActingFor returns the tenant of a merchant for a program that serves no caller: a command of
// an operator, or a test. Functions have the tenant of a verified token instead.
func ActingFor(merchantID string) Tenant { return Tenant{merchantID: merchantID} }

// MerchantID returns the merchant's id; empty for an operator that has not named one.
func (t Tenant) MerchantID() string { return t.merchantID }

// Owns reports whether a merchant's records are the tenant's.
func (t Tenant) Owns(merchantID string) bool {
	return merchantID != "" && (t.all || t.merchantID == merchantID)
}

// narrow returns the tenant of the one merchant that a request is about.
func (t Tenant) narrow(named string) (Tenant, error) {
	switch {
	case named == "" && t.merchantID != "":
		return t, nil
	case named == "" || !gst.ValidMerchantID(named):
		return Tenant{}, merchantIDRequired()
	case !t.Owns(named):
		return Tenant{}, &problem.Error{
			Kind: problem.Invalid, Status: http.StatusForbidden, Code: "merchant_forbidden",
			Message: "the access token is for another merchant than the one that the request names",
		}
	default:
		return Tenant{merchantID: named}, nil
	}
}

func merchantIDRequired() error {
	return &problem.Error{
		Kind: problem.Invalid, Status: http.StatusBadRequest, Code: "merchant_id_required",
		Message: "the query parameter merchant_id is required",
		Fields: []problem.FieldError{{
			Field: "merchant_id", Code: "required",
			Message: "must be a merchant's id: 1 to 64 letters, digits, dots, hyphens and underscores",
		}},
	}
}
