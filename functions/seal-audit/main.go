// Command seal-audit runs every minute and signs what was appended to the audit log.
package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/audit/seal"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
)

func main() {
	vars := env.New(os.Getenv)
	names := seal.ReadNames(vars)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	log := seal.NewDeployed(rt.AWS, dynamodb.NewFromConfig(rt.AWS), names, rt.Now)
	h := handler{open: func(ctx context.Context) (sealer, error) { return log.Open(ctx) }, log: rt.Log}
	rt.Start(
		function.Dispatch{Invoke: func(ctx context.Context, _ json.RawMessage) (any, error) { return h.handle(ctx) }},
	)
}
