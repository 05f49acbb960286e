package collector

import (
	"bytes"
	"net/http"
)

// contentType of Prometheus' text format.
const contentType = "text/plain; version=0.0.4; charset=utf-8"

// Handler returns a handler that serves
//
//	GET /metrics  Prometheus text
//	GET /health   204
func (c *Collector) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /metrics", c.serveMetrics)
	return mux
}

func (c *Collector) serveMetrics(w http.ResponseWriter, r *http.Request) {
	readings, missing := c.cfg.Gauges(r.Context())
	if c.CatchUp() != nil {
		missing = append(missing, "log")
	}
	var text bytes.Buffer
	_ = c.write(&text, readings, missing) // a buffer accepts every write
	w.Header().Set("Content-Type", contentType)
	_, _ = text.WriteTo(w)
}
