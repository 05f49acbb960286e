// Package function is the frame of a Lambda function: Boot loads its configuration, and
// Start decodes each event once, dispatches it by its shape, and records what became of
// the invocation.
package function

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

// Runtime is what every function starts with.
type Runtime struct {
	AWS       aws.Config
	Log       *slog.Logger
	Now       func() time.Time
	Release   string // of this instance, see metric.Release
	recorder  *telemetry.Recorder
	onLambda  bool // not on an emulator
	dueShards int  // see saga.Config; 0 if it is not set
}

// Boot returns a function's logger, telemetry and AWS configuration. Call it once
// everything else has been read from vars: false means that the function cannot start,
// and that every missing or malformed variable has been logged.
func Boot(ctx context.Context, vars *env.Reader, out io.Writer, now func() time.Time) (Runtime, bool) {
	log := telemetry.Logger(out, vars.Optional("INVOCHAIN_LOG_LEVEL", "info"), vars.Fraction("INVOCHAIN_LOG_SAMPLE", 1))
	release := metric.Release(vars.Optional(deployment.Release, ""))
	mode := vars.Optional("INVOCHAIN_TELEMETRY", telemetry.Stdout)
	recorder, recordErr := telemetry.New(telemetry.Config{
		Mode: mode, Out: out,
		OTLPEndpoint: vars.Optional("OTEL_EXPORTER_OTLP_ENDPOINT", ""), Catalogue: metric.Catalogue(),
		Sample: vars.Fraction("INVOCHAIN_TRACE_SAMPLE", 1), Now: now,
		Cell: vars.Optional(deployment.Cell, ""), Release: release,
	})
	dueShards := vars.PositiveInt(deployment.DueShards, 0)
	o := awsclient.OptionsFromEnv(vars)
	o.OnRetry, o.OnReject = telemetry.CountHook(metric.RetryAttempts), telemetry.CountHook(metric.BulkheadRejections)
	cfg, err := awsclient.Load(o)
	if err := errors.Join(vars.Err(), recordErr, err); err != nil {
		log.ErrorContext(ctx, "cannot start", slog.String("error", err.Error()))
		return Runtime{}, false
	}
	awsclient.Instrument(&cfg, now)
	return Runtime{
		AWS: cfg, Log: log, Now: now, Release: release, recorder: recorder, onLambda: mode == telemetry.EMF,
		dueShards: dueShards,
	}, true
}
