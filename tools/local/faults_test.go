package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFunctionsAreToldOfTheProxyOnlyWithFaults(t *testing.T) {
	s := testStack(t)
	for name, port := range map[string]string{"tables": "8000", "faults": "4570"} {
		require.NoError(t, os.WriteFile(s.file(name+".port"), []byte(port), 0o600))
	}
	require.Subset(t, s.miniStackSettings(4566), []string{"AWS_ENDPOINT_URL=http://127.0.0.1:4566", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000"})
	s.faults = true
	require.Subset(t, s.miniStackSettings(4566), []string{"AWS_ENDPOINT_URL=http://127.0.0.1:4570", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:4570"})
	require.Contains(t, s.credentials(), "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000", "tests ask directly")
}

func TestTheProxyComesWithItsEmulator(t *testing.T) {
	s := testStack(t)
	require.NotContains(t, s.processes(), "faults")
	require.NoError(t, s.start(t.Context(), "emulator", 1, nil, "sleep", "60"))
	t.Cleanup(func() { _, _ = s.stop("emulator") })
	require.NoError(t, s.sameFaults())
	s.faults = true
	require.ErrorContains(t, s.sameFaults(), "a stack without the proxy of -faults runs in "+s.dir)
	require.NoError(t, s.start(t.Context(), "faults", 2, nil, "sleep", "60"))
	require.NoError(t, s.sameFaults())
	require.Contains(t, s.processes(), "faults")
	_, err := s.stop("faults")
	require.NoError(t, err)
	require.NotContains(t, s.processes(), "faults")
	s.bed.tablesBeside = false
	require.ErrorContains(t, s.sameFaults(), "-faults is for the bed ministack")
}
