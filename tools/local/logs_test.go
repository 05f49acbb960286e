package main

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFollowJoinsPartsOfALine(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for _, part := range []string{"one\ntw", "o", "\nthree\n"} {
			_, _ = io.WriteString(w, part)
		}
		_ = w.Close()
	}()
	var got []string
	require.NoError(t, follow(ctx, r, func(line string) {
		if got = append(got, line); len(got) == 3 {
			cancel()
		}
	}))
	require.Equal(t, []string{"one", "two", "three"}, got)
}

func TestLogsOfAnUnknownFunction(t *testing.T) {
	t.Parallel()
	s := &stack{root: "../..", dir: t.TempDir()}
	name, err := s.function([]string{"log-audit"})
	require.NoError(t, err)
	require.Equal(t, "log-audit", name)
	require.ErrorContains(t, s.logs(t.Context(), []string{"nosuch"}), `"nosuch"; there are confirm-sales, `)
	name, err = s.function(nil)
	require.NoError(t, err)
	require.Empty(t, name)
}
