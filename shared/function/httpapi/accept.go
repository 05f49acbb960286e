package httpapi

import (
	"mime"
	"strconv"
	"strings"
)

// Accepted returns the content type that the caller's Accept header prefers (RFC 9110 s.12.5.1). Of
// those that it prefers equally, and if it accepts none, that is the first: a caller that asks for
// something else still gets an answer.
func (r Request) Accepted(offers ...string) string {
	ranges := mediaRanges(r.Header("Accept"))
	best, most := offers[0], 0.0
	for _, offer := range offers {
		if q := ranges.quality(offer); q > most {
			best, most = offer, q
		}
	}
	return best
}

// ranges holds the weights of media ranges: `type/subtype`, `type/*` and `*/*`.
type ranges map[string]float64

// mediaRanges reads an Accept header. What is malformed is left out; an absent header accepts all.
func mediaRanges(accept string) ranges {
	if strings.TrimSpace(accept) == "" {
		return ranges{"*/*": 1}
	}
	all := ranges{}
	for part := range strings.SplitSeq(accept, ",") {
		kind, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if weight, given := params["q"]; given {
			if q, err = strconv.ParseFloat(weight, 64); err != nil || !(q >= 0 && q <= 1) {
				continue
			}
		}
		all[kind] = max(all[kind], q)
	}
	return all
}

// quality returns the weight of the most specific range that matches a content type; 0 for none.
func (r ranges) quality(contentType string) float64 {
	kind, _, _ := strings.Cut(contentType, "/")
	for _, pattern := range []string{contentType, kind + "/*", "*/*"} {
		if q, ok := r[pattern]; ok {
			return q
		}
	}
	return 0
}
