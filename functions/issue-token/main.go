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
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
)

func main() {
	vars := env.New(os.Getenv)
	table := vars.Required(deployment.KeysTable)
	issuer := vars.Required(deployment.Issuer)
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	store := caller.NewStore(dynamodb.NewFromConfig(rt.AWS), table, rt.Now)
	h := handler{
		clients: store,
		keys:    store,
		tokens: signing.Issuer{
			Issuer: issuer, Audience: caller.Audience, Known: store.Known,
			Sign: signing.KMS{Client: kms.NewFromConfig(rt.AWS)}.Sign, Now: rt.Now,
		},
		issuer: issuer,
		now:    rt.Now,
		log:    rt.Log,
	}
	rt.Start(function.Dispatch{HTTP: h.router().Serve})
}
