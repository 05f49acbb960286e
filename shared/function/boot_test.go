package function_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/function"
	"github.com/invochain/invochain/shared/function/env"
)

func realTime() func() time.Time { return time.Now } //nolint:forbidigo // times are not looked at

func TestBootTellsAllThatIsMissing(t *testing.T) {
	t.Setenv("AWS_REGION", "ap-south-1")
	vars := env.New(func(string) string { return "" })
	vars.Required("ONE")
	vars.Required("TWO")
	var out bytes.Buffer
	_, ok := function.Boot(t.Context(), vars, &out, realTime())
	require.False(t, ok)
	require.Contains(t, out.String(), "ONE is not set")
	require.Contains(t, out.String(), "TWO is not set")
}

func TestBoot(t *testing.T) {
	t.Setenv("AWS_REGION", "ap-south-1")
	var out bytes.Buffer
	rt, ok := function.Boot(t.Context(), env.New(func(string) string { return "" }), &out, realTime())
	require.True(t, ok, out.String())
	require.Equal(t, "ap-south-1", rt.AWS.Region)
	require.Equal(t, "dev", rt.Release)
	require.Empty(t, out.String())
}
