package httpapi

import (
	"net/http"

	"github.com/invochain/invochain/shared/strictjson"
)

// Response is what a handler returns. Body is sent unchanged, as JSON unless Header
// names another Content-Type.
type Response struct {
	Status int
	Header map[string]string
	Body   []byte
}

// JSON returns a response whose body is v as JSON.
func JSON(status int, v any) (Response, error) {
	body, err := strictjson.Marshal(v)
	return Response{Status: status, Body: body}, err
}

// write sends the response to a request; to HEAD without its body.
func (r Response) write(w http.ResponseWriter, to Request) {
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Request-Id", to.ID)
	for name, value := range r.Header {
		header.Set(name, value)
	}
	if r.Status == http.StatusNotModified {
		header.Del("Content-Type")
	}
	w.WriteHeader(r.Status)
	if to.http.Method != http.MethodHead {
		_, _ = w.Write(r.Body) // a caller that has gone does not read it
	}
}
