package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"strings"
)

// conditional adds a strong ETag to the answer of a successful read that has none. If the caller has that
// representation already, it returns a 304 without a body (RFC 9110 s.13.1.2).
func (r Response) conditional(to Request) Response {
	method := to.http.Method
	if r.Status != http.StatusOK || (method != http.MethodGet && method != http.MethodHead) {
		return r
	}
	tag := r.Header["ETag"] // of a handler that knows the version
	if tag == "" {
		tag = entityTag(r.Body)
	}
	header := maps.Clone(r.Header)
	if header == nil {
		header = map[string]string{}
	}
	header["ETag"] = tag
	r.Header = header
	if to.hasRepresentation(tag) {
		r.Status, r.Body = http.StatusNotModified, nil
	}
	return r
}

// entityTag returns an ETag that differs for different bodies. It holds no comma.
func entityTag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// hasRepresentation reports whether If-None-Match holds `*` or the tag, by the weak
// comparison of RFC 9110 s.8.8.3.2. A foreign tag with a comma falls into two parts, neither
// of which equals a tag of entityTag.
func (r Request) hasRepresentation(tag string) bool {
	for _, line := range r.http.Header.Values("If-None-Match") {
		if line == "*" {
			return true
		}
		for candidate := range strings.SplitSeq(line, ",") {
			if strings.TrimPrefix(strings.TrimSpace(candidate), "W/") == tag {
				return true
			}
		}
	}
	return false
}
