package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOneCommandAtATime(t *testing.T) {
	t.Parallel()
	s := setup(t)
	require.NoError(t, s.withLock(func() error {
		err := s.withLock(func() error { return nil })
		require.ErrorContains(t, err, "another up, down or token of "+s.dir+" is in progress")
		return nil
	}))
	require.NoError(t, s.withLock(func() error { return nil }))
}
