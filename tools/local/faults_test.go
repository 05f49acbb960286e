package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFunctionsUseTheProxyOnlyWithFaults(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for name, port := range map[string]string{"tables": "8000", "faults": "4570"} {
		require.NoError(t, os.WriteFile(s.file(name+".port"), []byte(port), 0o600))
	}
	require.Subset(t, s.miniStackEnv(4566), []string{
		"AWS_ENDPOINT_URL=http://127.0.0.1:4566", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000",
	})
	s.faults = true
	require.Subset(t, s.miniStackEnv(4566), []string{
		"AWS_ENDPOINT_URL=http://127.0.0.1:4570", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:4570",
	})
	require.Contains(t, s.awsEnv(), "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000", "tests do not use the proxy")
}

func TestProxyStartsWithItsEmulator(t *testing.T) {
	t.Parallel()
	s := setup(t)
	require.NotContains(t, s.programNames(), "faults")
	startSleep(t, s, "emulator")
	require.NoError(t, s.checkFaults())
	s.faults = true
	require.ErrorContains(t, s.checkFaults(), "a stack without -faults runs in "+s.dir)
	startSleep(t, s, "faults")
	require.NoError(t, s.checkFaults())
	require.Contains(t, s.programNames(), "faults")
	_, err := s.programs.Stop(t.Context(), "faults")
	require.NoError(t, err)
	require.NotContains(t, s.programNames(), "faults")
	s.emulator.separateTables = false
	require.ErrorContains(t, s.checkFaults(), "-faults requires the emulator ministack")
}
