package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
)

func TestIdentityCommandsAreCheckedFirst(t *testing.T) {
	t.Setenv("OPERATOR", "asha")
	for name, tc := range map[string]struct {
		parse func([]string) (command, error)
		args  []string
		want  string
	}{
		"withdraw nothing":      {parseKeys, []string{"withdraw"}, "missing: KID= WHY="},
		"withdraw for nothing":  {parseKeys, []string{"withdraw", "kid"}, "missing: WHY="},
		"an unknown key act":    {parseKeys, []string{"delete"}, "usage"},
		"rotate with a word":    {parseKeys, []string{"rotate", "now"}, "usage"},
		"no client act":         {parseClients, nil, "usage"},
		"an unknown client act": {parseClients, []string{"list"}, "usage"},
		"no role":               {parseClients, []string{"create", "-merchant", "m"}, "missing: ROLE="},
		"no client":             {parseClients, []string{"revoke"}, "missing: ID="},
		"a negative overlap":    {parseClients, []string{"roll", "-id", "cl_1", "-overlap", "-1h"}, "usage"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tc.parse(tc.args)
			require.ErrorContains(t, err, tc.want)
		})
	}
	for _, args := range [][]string{{}, {"rotate"}, {"withdraw", "kid", "leaked", "in", "a", "log"}} {
		_, err := parseKeys(args)
		require.NoError(t, err)
	}
	t.Setenv("OPERATOR", "")
	t.Setenv("USER", "")
	_, err := parseClients([]string{"revoke", "-id", "cl_1"})
	require.ErrorContains(t, err, "OPERATOR=")
}

func TestMark(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_000)
	key := func(id string, age time.Duration) caller.Key { return caller.Key{ID: id, VerifiesUntil: now.Add(age)} }
	require.Equal(t, "  SIGNS", mark(key("a", time.Hour), key("a", time.Hour), now))
	require.Empty(t, mark(key("b", time.Hour), key("a", time.Hour), now))
	require.Equal(t, "  ENDED", mark(key("c", 0), key("a", time.Hour), now))
}
