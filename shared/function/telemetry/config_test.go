package telemetry_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function/telemetry"
)

func TestNewRefusesAMalformedConfig(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		cfg  telemetry.Config
		want string
	}{
		"unknown mode": {telemetry.Config{Mode: "prometheus"}, `unknown telemetry mode "prometheus"`},
		"no URL": {
			telemetry.Config{Mode: telemetry.Stdout, OTLPEndpoint: "collector"},
			`the OTLP endpoint is not a URL: "collector"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.cfg.Now = realTime()
			_, err := telemetry.New(tc.cfg)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestOffRecordsNothing(t *testing.T) {
	t.Parallel()
	r, err := telemetry.New(telemetry.Config{Mode: telemetry.Off, OTLPEndpoint: "http://127.0.0.1:1"})
	require.NoError(t, err)
	require.Nil(t, r)
}
