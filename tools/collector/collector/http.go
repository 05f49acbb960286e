package collector

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// BatchID is the header that names a batch, the same each time that it is sent. A
// request without it is named by its body, whose times no other has.
const BatchID = "X-Batch-Id"

// Limits of a body, as it comes and unpacked, in bytes.
const (
	maxBody     = 4 << 20
	maxUnpacked = 16 << 20
)

var (
	errExpired = errors.New("the batch is too old to tell whether it was added before")
	errNotKept = errors.New("the batch could not be kept")
)

// Handler serves
//
//	GET  /metrics     Prometheus text
//	POST /v1/metrics  OTLP/HTTP, protobuf, deltas alone
//	POST /v1/traces   taken and thrown away: senders have one address for both
//	GET  /health      204
//
// A batch that is too old to tell whether it was added before is refused with 400:
// counting it twice would be worse than to say so.
func (c *Collector) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /metrics", c.show)
	mux.HandleFunc("POST /v1/metrics", c.receive)
	mux.HandleFunc("POST /v1/traces", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	return mux
}

func (c *Collector) show(w http.ResponseWriter, r *http.Request) {
	readings, missing := c.cfg.Gauges(r.Context())
	if c.CatchUp() != nil {
		missing = append(missing, "log")
	}
	var text bytes.Buffer
	_ = c.write(&text, readings, missing) // a buffer takes everything
	w.Header().Set("Content-Type", ContentType)
	_, _ = text.WriteTo(w)
}

func (c *Collector) receive(w http.ResponseWriter, r *http.Request) {
	outcome, err := c.take(w, r)
	if outcome != added {
		c.tell(outcome)
	}
	switch {
	case err == nil: // an empty answer: all was taken
		w.Header().Set("Content-Type", "application/x-protobuf")
		w.WriteHeader(http.StatusOK)
	case outcome == failed: // send it again
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func (c *Collector) take(w http.ResponseWriter, r *http.Request) (outcome string, err error) {
	body, err := unpacked(w, r)
	if err != nil {
		return refused, err
	}
	b, recorded, err := fromOTLP(body)
	if err != nil {
		return refused, err
	}
	if b.ID = r.Header.Get(BatchID); b.ID == "" {
		sum := sha256.Sum256(body)
		b.ID = hex.EncodeToString(sum[:])
	}
	if len(b.ID) > maxID || len(b.Instance) > maxID {
		return refused, fmt.Errorf("an id has more than %d bytes", maxID)
	}
	return c.accept(b, recorded)
}

func unpacked(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var body io.Reader = http.MaxBytesReader(w, r.Body, maxBody)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = io.LimitReader(z, maxUnpacked+1)
	}
	b, err := io.ReadAll(body)
	if err == nil && len(b) > maxUnpacked {
		err = fmt.Errorf("the body has more than %d bytes", maxUnpacked)
	}
	return b, err
}
