package telemetry

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// Where records go.
const (
	Stdout = "stdout" // lines for a receiver that sums deltas, at the end of each invocation
	EMF    = "emf"    // lines for CloudWatch
	OTLP   = "otlp"   // OTLP/HTTP, to a receiver that sums deltas
	Off    = "off"
)

// Config of a Recorder.
type Config struct {
	Mode   string           // Stdout, EMF, OTLP or Off
	Out    io.Writer        // of Stdout and EMF
	URL    string           // of OTLP's receiver, without /v1/metrics
	Sample float64          // of the traces that begin here, 0 to 1
	Now    func() time.Time // what a line is dated by
}

// New returns a Recorder, or nil, which records nothing, for Off. Errors: an unknown mode;
// for OTLP, a URL that is none.
func New(cfg Config) (*Recorder, error) {
	switch cfg.Mode {
	case Stdout, EMF:
		return newRecorder(newLines(cfg.Out, cfg.Mode == Stdout), cfg.Sample, cfg.Now), nil
	case OTLP:
		at, err := url.Parse(cfg.URL)
		if err != nil || at.Host == "" {
			return nil, fmt.Errorf("the address of the otlp receiver is no URL: %q", cfg.URL)
		}
		return newRecorder(otlp{newSpool(strings.TrimSuffix(cfg.URL, "/"), cfg.Now)}, cfg.Sample, cfg.Now), nil
	case Off:
		return nil, nil //nolint:nilnil // a nil Recorder records nothing
	default:
		return nil, fmt.Errorf("telemetry is %q: want %s, %s, %s or %s", cfg.Mode, Stdout, EMF, OTLP, Off)
	}
}
