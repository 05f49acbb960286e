package contract_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The words that CONTRIBUTING.md replaces by plainer ones. Names in code spans are exempt.
var (
	replaced = regexp.MustCompile(`(?i)\b(tells whether|says whether|somebody|nobody|whoever|anew|afresh|` +
		`nudges?|told of|given up)\b`)
	codeSpan = regexp.MustCompile("`[^`\n]*`")
)

func TestWords(t *testing.T) {
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
