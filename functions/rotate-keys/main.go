// Command rotate-keys runs daily. It sees to it that a key signs tokens, that the next one is
// published in time, and that keys that have ended are deleted.
package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/signing"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
)

func main() {
	vars := env.New(os.Getenv)
	table := vars.Required(deployment.KeysTable)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	rotator := signing.Rotator{
		Keys: caller.NewStore(dynamodb.NewFromConfig(rt.AWS), table, rt.Now),
		KMS:  signing.KMS{Client: kms.NewFromConfig(rt.AWS)},
		Now:  rt.Now,
	}
	rt.Start(function.Dispatch{Invoke: func(ctx context.Context, _ json.RawMessage) (any, error) {
		done, err := rotator.Rotate(ctx)
		if err != nil {
			rt.Log.ErrorContext(ctx, "rotate keys failed", slog.String("error", err.Error()))
			return nil, err
		}
		rt.Log.InfoContext(ctx, "keys rotated", slog.String("created", done.Created), slog.Any("removed", done.Removed))
		return done, nil
	}})
}
