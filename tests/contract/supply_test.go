package contract_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/security/control"
)

// workflows returns the text of each workflow by its name.
func workflows(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	found := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		found[filepath.Base(path)] = string(text)
	}
	return found
}

// TestActionsArePinned: a tag can be moved to other code, a digest cannot. The comment names the
// release, for readers and for tools that update pins.
func TestActionsArePinned(t *testing.T) {
	for name, text := range workflows(t) {
		for _, action := range regexp.MustCompile(`uses: (.*)`).FindAllStringSubmatch(text, -1) {
			require.Regexp(t, `^[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`, action[1], name)
		}
		for _, program := range regexp.MustCompile(`go run (\S+\.\S+/\S+)`).FindAllStringSubmatch(text, -1) {
			require.Regexp(t, `@v\d+\.\d+\.\d+$`, program[1], name)
		}
		for _, image := range regexp.MustCompile(`docker_name: (.*)`).FindAllStringSubmatch(text, -1) {
			require.Contains(t, imagesByTag(), image[1], name)
		}
		require.Contains(t, text, "\npermissions:\n  contents: read\n", "%s: jobs get no more rights than they ask for", name)
	}
}

// imagesByTag lists the images that a workflow names by a tag: their digests are not known here.
func imagesByTag() []string { return []string{"ghcr.io/zaproxy/zaproxy:2.16.1"} }

// TestSupplyChainIsChecked: what the workflows run for each change, and for each build of main.
func TestSupplyChainIsChecked(t *testing.T) {
	text := workflows(t)["supply-chain.yml"]
	for _, step := range []string{
		"govulncheck@", "osv-scanner@", "make secrets", "dependency-review-action@", "make sbom", "attest-build-provenance@",
	} {
		require.Contains(t, text, step)
	}
}

// TestClientSecretsAreFound holds the rule by which gitleaks finds our own secrets in a file of
// any kind: only its guess of keys is off for tests and samples.
func TestClientSecretsAreFound(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, ".gitleaks.toml"))
	require.NoError(t, err)
	require.Contains(t, string(text), "useDefault = true")
	rule := regexp.MustCompile(`regex = '''(.*)'''`).FindStringSubmatch(string(text))
	require.NotNil(t, rule)
	find := regexp.MustCompile(rule[1])
	for _, mode := range []string{"live", "test"} {
		secret := "ics_" + mode + "_" + strings.Repeat("ABCDEFG2", 7)
		require.Equal(t, secret, find.FindString(`"`+secret+`",`))
		require.Empty(t, find.FindString(secret[:len(secret)-1]))
	}
	for _, list := range strings.Split(string(text), "[[allowlists]]")[1:] {
		require.Contains(t, list, `targetRules = ["generic-api-key"]`)
	}
}

func TestControlsAreDocumented(t *testing.T) {
	require.True(t, strings.Contains(documents(t)["docs/security.md"], "\n"+control.Table()),
		"docs/security.md has the table that `go run ./tests/security table` prints")
}
