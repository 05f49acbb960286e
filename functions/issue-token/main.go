// Command issue-token issues access tokens to clients, and publishes the keys that verify them.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/signing"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/limit"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/merchant"
)

func main() {
	vars := env.New(os.Getenv)
	names := caller.ReadNames(vars)
	platform := vars.Required(deployment.PlatformTable)
	audits := vars.Required(deployment.AuditQueue)
	mode := caller.Mode(vars.Optional(deployment.Mode, string(caller.Live)))
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	db := dynamodb.NewFromConfig(rt.AWS)
	store := caller.NewStore(db, names.Keys, rt.Now)
	h := handler{
		clients:   store,
		acts:      caller.NewActs(rt, audits),
		merchants: merchant.NewStore(db, platform, rt.Now),
		keys:      store,
		guard:     caller.NewGuard(context.Background(), rt, db, names).Middleware,
		mode:      mode,
		tokens: signing.Issuer{
			Issuer: names.Issuer, Audience: caller.Audience, Known: store.Known,
			Sign: signing.KMS{Client: kms.NewFromConfig(rt.AWS)}.Sign, Now: rt.Now,
		},
		limits: caller.NewLimiter(rt, db, names, limit.PerClient()),
		issuer: names.Issuer,
		now:    rt.Now,
		log:    rt.Log,
	}
	awsclient.Connect(context.Background(), rt.AWS, awsclient.DynamoDB)
	rt.Start(function.Dispatch{HTTP: h.router().Handler()})
}
