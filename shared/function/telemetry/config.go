package telemetry

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/metric"
)

// Modes of a Recorder: in which form records leave.
const (
	Stdout = "stdout" // metrics as lines of deltas, for a receiver that adds them up
	EMF    = "emf"    // metrics in CloudWatch's embedded metric format
	Off    = "off"    // nothing is recorded
)

// Config of a Recorder.
type Config struct {
	Mode string    // Stdout, EMF or Off
	Out  io.Writer // gets a JSON document a line
	// OTLPEndpoint is the base URL of an OTLP/HTTP receiver for the spans, without
	// /v1/traces. If it is empty, spans are written to Out.
	OTLPEndpoint string
	Catalogue    []metric.Definition // the metrics that can be recorded
	Release      string              // of this instance, see metric.Release; empty: no such label
	Cell         string              // names this deployment among several in one account
	Sample       float64             // fraction of the traces that start here, 0 to 1
	Now          func() time.Time    // dates the records
}

// New returns a Recorder; for Off it returns nil, which records nothing. Errors: an
// unknown mode, a malformed OTLPEndpoint.
func New(cfg Config) (*Recorder, error) {
	switch cfg.Mode {
	case Stdout, EMF:
	case Off:
		return nil, nil //nolint:nilnil // a nil Recorder records nothing
	default:
		return nil, fmt.Errorf("unknown telemetry mode %q; use %s, %s or %s", cfg.Mode, Stdout, EMF, Off)
	}
	r := newRecorder(cfg)
	if cfg.OTLPEndpoint != "" {
		endpoint, err := url.Parse(cfg.OTLPEndpoint)
		if err != nil || endpoint.Host == "" {
			return nil, fmt.Errorf("the OTLP endpoint is not a URL: %q", cfg.OTLPEndpoint)
		}
		r.spool = newSpool(strings.TrimSuffix(cfg.OTLPEndpoint, "/")+"/v1/traces", cfg.Now)
	}
	return r, nil
}
