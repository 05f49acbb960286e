//go:build integration

package integration_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// example is a fenced block of a document that can be run, and the output that it shows below:
// text in which … stands for anything.
type example struct{ language, code, output string }

var (
	fenced = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	runs   = map[string]string{"sh": "", "python": "python3 %s.py", "go": "go run %s.go", "js": "node %s.mjs"}
	blanks = regexp.MustCompile(`\s+`)
)

// TestExamplesInDocumentsRun runs the examples of a document in order and in one shell, as a
// reader does who pastes them, and then once more.
func TestExamplesInDocumentsRun(t *testing.T) {
	f := setup(t)
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	for document, least := range map[string]int{"README.md": 3, "docs/api.md": 20} {
		t.Run(document, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(root, document))
			require.NoError(t, err)
			here := strings.NewReplacer("http://localhost:3002", f.URL, "set -a; . .local/stack.env; set +a\n", "")
			examples := parse(t, here.Replace(string(text)))
			require.GreaterOrEqual(t, len(examples), least)
			for range 2 {
				outputs := runExamples(t, root, examples)
				for i, e := range examples {
					requireShown(t, e, outputs[i])
				}
			}
		})
	}
}

// parse reads the examples of a document: a block of text is the output of the one before it.
func parse(t *testing.T, document string) (all []example) {
	t.Helper()
	for _, block := range fenced.FindAllStringSubmatch(document, -1) {
		switch language := block[1]; language {
		case "mermaid":
		case "text":
			require.NotEmpty(t, all, block[0])
			require.Empty(t, all[len(all)-1].output, block[0])
			all[len(all)-1].output = block[2]
		default:
			require.Contains(t, runs, language, block[0])
			all = append(all, example{language: language, code: block[2]})
		}
	}
	return all
}

// runExamples returns the output of each example. Those of the shell share its variables.
func runExamples(t *testing.T, root string, examples []example) []string {
	t.Helper()
	const divider = "--- next example ---"
	var script strings.Builder
	dir := t.TempDir()
	for i, e := range examples {
		if run := runs[e.language]; run != "" {
			name := filepath.Join(dir, fmt.Sprintf("example%d", i))
			_, extension, _ := strings.Cut(run, "%s")
			require.NoError(t, os.WriteFile(name+extension, []byte(e.code), 0o600))
			e.code = fmt.Sprintf(run, name) + "\n"
		}
		script.WriteString(e.code + "echo; echo '" + divider + "'\n")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-eu", "-o", "pipefail", "-c", script.String())
	shell.Dir, shell.WaitDelay = root, 5*time.Second
	output, err := shell.CombinedOutput()
	parts := strings.Split(string(output), divider+"\n")
	last := len(parts) - 1
	require.NoError(t, err, "%s\nprinted %s", examples[min(last, len(examples)-1)].code, parts[last])
	require.Len(t, parts, len(examples)+1)
	return parts
}

// requireShown compares an output with what the document shows, whatever the line breaks.
func requireShown(t *testing.T, e example, output string) {
	t.Helper()
	rest := blanks.ReplaceAllString(output, "")
	for part := range strings.SplitSeq(blanks.ReplaceAllString(e.output, ""), "…") {
		_, after, found := strings.Cut(rest, part)
		require.True(t, found, "%s\nprinted %s\nwhere the document shows %s", e.code, output, part)
		rest = after
	}
}
