package awsclient_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/awsclient"
	"github.com/invochain/invochain/shared/function/env"
	"github.com/invochain/invochain/shared/resilience"
)

func TestOptionsFromEnv(t *testing.T) {
	t.Parallel()
	vars := map[string]string{
		"INVOCHAIN_SQS_TIMEOUT_MS": "700", "INVOCHAIN_INVENTORY_TIMEOUT_MS": "3000", "INVOCHAIN_EVENTS_IN_FLIGHT": "3",
	}
	r := env.New(func(name string) string { return vars[name] })
	o := awsclient.OptionsFromEnv(r)
	require.NoError(t, r.Err())
	policy := func(dependency string) resilience.Policy { return o.Policies[dependency].WithDefaults() }
	require.Equal(t, 350*time.Millisecond, policy(awsclient.SQS).AttemptTimeout)
	require.Equal(t, 3*time.Second, policy(awsclient.Inventory).AttemptTimeout, "one attempt may take the whole timeout")
	require.Equal(t, 3, policy(awsclient.Events).MaxInFlight)
	require.Equal(t, resilience.Policy{
		Timeout: 5 * time.Second, AttemptTimeout: 2500 * time.Millisecond,
		MaxInFlight: 64, MaxWait: 100 * time.Millisecond,
	}, policy(awsclient.DynamoDB))
}

func TestOptionsFromEnvReportsEveryMalformedVariable(t *testing.T) {
	t.Parallel()
	r := env.New(func(string) string { return "soon" })
	awsclient.OptionsFromEnv(r)
	require.ErrorContains(t, r.Err(), "INVOCHAIN_DYNAMODB_IN_FLIGHT")
}

func ExampleOptionsFromEnv() {
	vars := map[string]string{"INVOCHAIN_SQS_TIMEOUT_MS": "1000"}
	o := awsclient.OptionsFromEnv(env.New(func(name string) string { return vars[name] }))
	p := o.Policies[awsclient.SQS].WithDefaults()
	fmt.Println(p.Timeout, p.AttemptTimeout, p.MaxInFlight)
	// Output: 1s 500ms 64
}
