// Command rotate-keys runs daily. It sees to it that a key signs tokens, that the next one is
// published in time, and that keys that have ended are deleted. Secrets Manager invokes it too, to
// rotate the credential of the first operator.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/credential"
	"github.com/invochain/invochain/shared/caller/signing"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
)

func main() {
	vars := env.New(os.Getenv)
	table := vars.Required(deployment.KeysTable)
	cell := vars.Optional(deployment.Cell, "")
	rt, ok := function.Boot(context.Background(), vars, os.Stdout, time.Now)
	if !ok {
		os.Exit(1)
	}
	store := caller.NewStore(dynamodb.NewFromConfig(rt.AWS), table, rt.Now)
	private := signing.KMS{Client: kms.NewFromConfig(rt.AWS), Cell: cell}
	keys := signing.Rotator{Keys: store, KMS: private, Now: rt.Now}
	operator := credential.Rotation{Secrets: secretsmanager.NewFromConfig(rt.AWS), Clients: store, Now: rt.Now}
	h := handler{rotateKeys: keys.Rotate, rotateCredential: operator.Do, log: rt.Log}
	rt.Start(function.Dispatch{Invoke: h.handle})
}
