package merchant

import (
	"net/http"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// IDFromQuery returns the query parameter merchant_id, which scopes a request. Error:
// *problem.Error of status 400 when it is absent or malformed.
func IDFromQuery(r httpapi.Request) (string, error) {
	id := r.Query("merchant_id")
	if gst.ValidMerchantID(id) {
		return id, nil
	}
	return "", &problem.Error{
		Kind: problem.Invalid, Status: http.StatusBadRequest, Code: "merchant_id_required",
		Message: "the query parameter merchant_id is required",
		Fields: []problem.FieldError{{
			Field: "merchant_id", Code: "required",
			Message: "must be a merchant's id: 1 to 64 letters, digits, dots, hyphens and underscores",
		}},
	}
}
