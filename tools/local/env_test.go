package main

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/deployment"
)

// writeOutputs writes outputs of two stacks as the CDK does.
func writeOutputs(t *testing.T, s *stack, outputs []deployment.Output) {
	t.Helper()
	stacks := []map[string]string{{"SomethingElse": "x"}, {}}
	for i, o := range outputs {
		stacks[i%2][o.Name] = "value of " + o.Name
	}
	b, err := json.Marshal(map[string]any{"A": stacks[0], "B": stacks[1]})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.file("outputs.json"), b, 0o600))
}

func TestStackEnv(t *testing.T) {
	t.Parallel()
	s := setup(t)
	require.NoError(t, os.WriteFile(s.file("emulator.port"), []byte("4567"), 0o600))
	writeOutputs(t, s, deployment.Outputs())
	outputs, err := s.outputs()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.file(clientsFile), []byte(`{"INVOCHAIN_CLIENT_ID":"cl_1"}`), 0o600))
	require.NoError(t, s.writeEnv(outputs, 3003))

	env, err := readEnv(s.file("stack.env"))
	require.NoError(t, err)
	require.Equal(t, "http://localhost:3003", env["API_URL"])
	require.Equal(t, "http://127.0.0.1:4567", env["AWS_ENDPOINT_URL"])
	require.Equal(t, "cl_1", env["INVOCHAIN_CLIENT_ID"], "of an earlier up")
	for _, o := range deployment.Outputs() {
		require.Equal(t, "value of "+o.Name, env[o.Variable])
	}
	require.Subset(t, slices.Collect(maps.Keys(env)),
		[]string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3"})
	require.NotContains(t, slices.Collect(maps.Values(env)), "x", "an output without a variable is omitted")
	info, err := os.Stat(s.file("stack.env"))
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
}

func TestMissingOutputsAreNamed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	writeOutputs(t, s, deployment.Outputs()[2:])
	_, err := s.outputs()
	require.ErrorContains(t, err, deployment.Outputs()[0].Name+", "+deployment.Outputs()[1].Name)
}
