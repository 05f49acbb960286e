package merchant

import (
	"net/http"

	"github.com/invochain/invochain/shared/function/httpapi"
	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

// IDFromQuery returns the merchant_id that scopes a query. Error: *problem.Error, 400,
// when it is absent or malformed.
func IDFromQuery(r httpapi.Request) (string, error) {
	id := r.Query("merchant_id")
	if gst.ValidMerchantID(id) {
		return id, nil
	}
	const message = "the query parameter merchant_id is required: 1 to 64 letters, digits, dots, hyphens and underscores"
	return "", &problem.Error{
		Kind: problem.Invalid, Status: http.StatusBadRequest, Code: "merchant_id_required", Message: message,
		Fields: []problem.FieldError{{Field: "merchant_id", Code: "required", Message: message}},
	}
}
