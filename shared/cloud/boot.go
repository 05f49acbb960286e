package cloud

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/invochain/invochain/shared/env"
	"github.com/invochain/invochain/shared/telemetry"
)

// Runtime is what every function starts with.
type Runtime struct {
	AWS aws.Config
	Log *slog.Logger
}

// Boot makes a function's logger and configuration, once everything that it needs
// of the environment was asked of vars. False means that it cannot start: all that
// is missing was logged.
func Boot(ctx context.Context, vars *env.Reader, out io.Writer) (Runtime, bool) {
	log := telemetry.Logger(out, vars.Optional("INVOCHAIN_LOG_LEVEL", "info"))
	cfg, err := Load(ctx)
	if err := errors.Join(vars.Err(), err); err != nil {
		log.ErrorContext(ctx, "cannot start", slog.String("error", err.Error()))
		return Runtime{}, false
	}
	return Runtime{AWS: cfg, Log: log}, true
}

// Start serves invocations with handle, a function in one of aws-lambda-go's shapes,
// and does not return. What every function does around an invocation is done here.
func (rt Runtime) Start(handle any) {
	lambda.Start(lambda.NewHandler(handle))
}
