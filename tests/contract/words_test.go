package contract_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var codeSpan = regexp.MustCompile("`[^`\n]*`")

// replacedWords matches the words of testdata/words.txt. A word and its replacement are
// separated by at least two blanks.
func replacedWords(t *testing.T) *regexp.Regexp {
	t.Helper()
	text, err := os.ReadFile("testdata/words.txt")
	require.NoError(t, err)
	var words []string
	for line := range strings.Lines(string(text)) {
		word, _, isWord := strings.Cut(line, "  ")
		if isWord && !strings.HasPrefix(line, "#") {
			words = append(words, regexp.QuoteMeta(word))
		}
	}
	require.NotEmpty(t, words)
	return regexp.MustCompile(`(?i)\b(` + strings.Join(words, "|") + `)\b`)
}

func TestWords(t *testing.T) {
	replaced := replacedWords(t)
	var found []string
	for name, text := range documents(t) {
		for _, word := range replaced.FindAllString(codeSpan.ReplaceAllString(text, ""), -1) {
			if name != "CHANGELOG.md" {
				found = append(found, name+": "+word)
			}
		}
	}
	for name, text := range files(t, code, ".go") {
		lines := token.NewFileSet()
		parsed, err := parser.ParseFile(lines, name, text, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, comment := range parsed.Comments {
			for _, word := range replaced.FindAllString(comment.Text(), -1) {
				found = append(found, fmt.Sprintf("%s: %s", lines.Position(comment.Pos()), word))
			}
		}
	}
	require.Empty(t, strings.Join(found, "\n"))
}
