package main

import (
	"context"
	"slices"
	"strings"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/strictjson"
)

// readSubject reads the identifiers of one buyer. All of them count, because a document's contact
// is filed under the first that it has. A GSTIN may be written in lower case and with blanks.
func readSubject(r *strictjson.Reader) []string {
	given, in := r.Given("subject"), r.Object("subject")
	identifiers := []string{
		strings.TrimSpace(in.Text("buyer_reference", maxReference)), gst.ReadEmail(in, "email"), gst.ReadPhone(in, "phone"),
		string(strictjson.Matching(in, "gstin", "gstin_malformed", parseGSTIN)),
	}
	in.Finish()
	identifiers = slices.DeleteFunc(identifiers, func(s string) bool { return s == "" })
	if given && len(identifiers) == 0 {
		r.Fail("subject", "required", "must have buyer_reference, email, phone or gstin")
	}
	return identifiers
}

// maxReference is the length of a buyer's reference, in characters.
const maxReference = 50

func parseGSTIN(s string) (gst.GSTIN, error) {
	return gst.ParseGSTIN(strings.ToUpper(strings.Join(strings.Fields(s), "")))
}

// pseudonyms returns the subjects of identifiers, in order and once each; nil for none.
func (h handler) pseudonyms(ctx context.Context, merchantID string, identifiers []string) ([]string, error) {
	var all []string
	for _, identifier := range identifiers {
		subject, err := h.subjects.Subject(ctx, merchantID, identifier)
		if err != nil {
			return nil, err
		}
		all = append(all, subject)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
