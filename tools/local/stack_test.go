package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOneCommandAtATime(t *testing.T) {
	t.Parallel()
	s := setup(t)
	require.NoError(t, s.withLock(func() error {
		require.ErrorContains(t, s.withLock(func() error { return nil }), "another up or down of "+s.dir+" is in progress")
		return nil
	}))
	require.NoError(t, s.withLock(func() error { return nil }))
}
