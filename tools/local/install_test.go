package main

import (
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInstallOnce(t *testing.T) {
	t.Parallel()
	s, calls := setup(t), 0
	stamp, list := s.file("stamp"), s.file("list")
	install := func() error {
		calls++
		if calls == 1 {
			return errors.New("no network")
		}
		return nil
	}
	require.NoError(t, os.WriteFile(list, []byte("a==1"), 0o600))
	require.Error(t, installOnce(stamp, list, install))
	require.NoError(t, installOnce(stamp, list, install), "it runs again after a failure")
	require.NoError(t, installOnce(stamp, list, install))
	require.Equal(t, 2, calls)
	require.NoError(t, os.WriteFile(list, []byte("a==2"), 0o600))
	require.NoError(t, installOnce(stamp, list, install))
	require.Equal(t, 3, calls, "it runs for a changed list")
}
