package control_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/security/control"
)

// TestControlsAreProved: each control has a test, and of none a part is coming.
func TestControlsAreProved(t *testing.T) {
	t.Parallel()
	require.Len(t, control.All(), 18)
	for i, c := range control.All() {
		require.Equal(t, i+1, c.Number)
		require.NotEmpty(t, c.Tests, c.Name)
		require.Empty(t, c.Coming, c.Name)
	}
}

func TestNamedTestsExist(t *testing.T) {
	t.Parallel()
	for _, c := range control.All() {
		for _, test := range c.Tests {
			files, err := filepath.Glob(filepath.Join("../../..", test.Package, "*_test.go"))
			require.NoError(t, err)
			function := regexp.MustCompile(`(?m)^func ` + test.Name + `\(`)
			found := false
			for _, file := range files {
				text, err := os.ReadFile(file)
				require.NoError(t, err)
				found = found || function.Match(text)
			}
			require.True(t, found, "%s has no %s", test.Package, test.Name)
		}
	}
}
