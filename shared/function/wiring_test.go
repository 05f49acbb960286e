package function_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/idempotency"
	"github.com/invochain/invochain/shared/durable/saga"
	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
)

// TestShardsAreASetting of the sagas that a function opens.
func TestShardsAreASetting(t *testing.T) {
	t.Setenv("AWS_REGION", "ap-south-1")
	vars := env.New(func(name string) string { return map[string]string{deployment.DueShards: "1"}[name] })
	var out bytes.Buffer
	rt, ok := function.Boot(t.Context(), vars, &out, realTime())
	require.True(t, ok, out.String())
	db := dynamotest.Client(t)
	sagas := function.NewSagas(rt, db, dynamotest.Tables(t, db).Platform)
	for n := range 5 {
		key := idempotency.Key{Scope: "m", ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n)}
		b, err := sagas.Begin(t.Context(), key, "f", saga.BeginInput{MerchantID: "m"}, idempotency.WaitLimits{})
		require.NoError(t, err)
		require.Equal(t, "0", b.Saga.DueShard)
	}
}
