package contract_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/tests/contract"
)

// TestRolesAreDocumented: docs/security.md has the table of the code.
func TestRolesAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/security.md")
	require.NoError(t, err)
	for _, role := range caller.Roles() {
		require.Contains(t, string(text), "\n| "+string(role)+" | "+strings.Join(role.Scopes(), ", ")+" |\n")
	}
}

// TestEveryScopeIsDescribed: those of roles are the ones that a token may be asked for, and each
// route needs one of them.
func TestEveryScopeIsDescribed(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	var all []string
	for _, role := range caller.Roles() {
		all = append(all, role.Scopes()...)
	}
	slices.Sort(all)
	require.Equal(t, slices.Compact(all), doc.Scopes())
}
