// Package function is the frame of a Lambda function: it loads the configuration, reads
// the event once, and records what became of the invocation.
package function

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/function/telemetry"
	"github.com/invochain/invochain/shared/metric"
)

// Runtime is what every function starts with.
type Runtime struct {
	AWS      aws.Config
	Log      *slog.Logger
	recorder *telemetry.Recorder
}

// Boot makes a function's logger, telemetry and configuration, once everything that it
// needs of the environment was asked of vars. False means that it cannot start: all
// that is missing was logged.
func Boot(ctx context.Context, vars *env.Reader, out io.Writer, now func() time.Time) (Runtime, bool) {
	log := telemetry.Logger(out, vars.Optional("INVOCHAIN_LOG_LEVEL", "info"), vars.Fraction("INVOCHAIN_LOG_SAMPLE", 1))
	recorder, recordErr := telemetry.New(telemetry.Config{
		Mode: vars.Optional("INVOCHAIN_TELEMETRY", telemetry.Stdout), Out: out,
		OTLPEndpoint: vars.Optional("OTEL_EXPORTER_OTLP_ENDPOINT", ""), Catalogue: metric.Catalogue(),
		Sample: vars.Fraction("INVOCHAIN_TRACE_SAMPLE", 1), Now: now,
	})
	o := awsclient.OptionsFromEnv(vars)
	o.OnRetry, o.OnReject = telemetry.CountHook(metric.RetryAttempts), telemetry.CountHook(metric.BulkheadRejections)
	cfg, err := awsclient.Load(ctx, o)
	if err := errors.Join(vars.Err(), recordErr, err); err != nil {
		log.ErrorContext(ctx, "cannot start", slog.String("error", err.Error()))
		return Runtime{}, false
	}
	awsclient.Instrument(&cfg, now)
	return Runtime{AWS: cfg, Log: log, recorder: recorder}, true
}

// Start serves invocations with handle, a function in one of aws-lambda-go's shapes,
// and does not return. What every function does around an invocation is done here.
func (rt Runtime) Start(handle any) { lambda.Start(rt.Handler(handle)) }

// Handler is what Start serves with.
func (rt Runtime) Handler(handle any) lambda.Handler {
	return invocations{rt, lambda.NewHandler(handle)}
}

type invocations struct {
	Runtime
	next lambda.Handler
}

// Invoke implements lambda.Handler. What was recorded leaves before the answer does,
// also when the handler panics: afterwards the process may be frozen, or ended.
func (i invocations) Invoke(ctx context.Context, payload []byte) (answer []byte, err error) {
	ctx, end := i.recorder.Invocation(ctx, payload)
	returned := false
	defer func() {
		if !returned {
			err = errPanic
		}
		end(err)
		if err := i.recorder.Flush(ctx); err != nil {
			i.Log.WarnContext(ctx, "telemetry lost", slog.String("error", err.Error()))
		}
	}()
	answer, err = i.next.Invoke(ctx, payload)
	returned = true
	return answer, err
}

var errPanic = errors.New("the handler panicked")
