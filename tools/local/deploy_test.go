package main

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/deployment"
)

func TestStackEnv(t *testing.T) {
	s := testStack(t)
	require.NoError(t, os.WriteFile(s.file("emulator.port"), []byte("4567"), 0o600))
	outputs := map[string]string{"SomethingElse": "x"}
	for _, n := range deployment.Outputs() {
		outputs[n.Name] = "value of " + n.Name
	}
	require.NoError(t, s.writeEnv(outputs, 3003))

	env, err := readEnv(s.file("stack.env"))
	require.NoError(t, err)
	require.Equal(t, "http://localhost:3003", env["API_URL"])
	require.Equal(t, "http://127.0.0.1:4567", env["AWS_ENDPOINT_URL"])
	require.Equal(t, "value of PlatformTable", env[deployment.PlatformTable])
	require.Subset(t, slices.Collect(maps.Keys(env)), []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3"})
	require.NotContains(t, env, "", "what is not listed stays out")
	info, err := os.Stat(s.file("stack.env"))
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
}

func TestStackEnvNamesWhatIsMissing(t *testing.T) {
	s := testStack(t)
	outputs := map[string]string{}
	for _, n := range deployment.Outputs()[2:] {
		outputs[n.Name] = "x"
	}
	err := s.writeEnv(outputs, 3003)
	require.ErrorContains(t, err, deployment.Outputs()[0].Name+", "+deployment.Outputs()[1].Name)
	require.NoFileExists(t, s.file("stack.env"), "no half of it is left")
}

func TestOutputsOfAllStacks(t *testing.T) {
	s := testStack(t)
	require.NoError(t, os.WriteFile(s.file("outputs.json"), []byte(`{"A":{"x":"1"},"B":{"y":"2"}}`), 0o600))
	got, err := s.outputs()
	require.NoError(t, err)
	require.Equal(t, map[string]string{"x": "1", "y": "2"}, got)
}
