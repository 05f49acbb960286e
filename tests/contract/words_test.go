package contract_test

import (
	"go/parser"
	"go/token"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The words that CONTRIBUTING.md replaces by plainer ones. Names in code spans are exempt.
var (
	replaced = regexp.MustCompile(`(?i)\b(tells whether|says whether|somebody|nobody|whoever|anew|afresh|nudges?|told of|given up)\b`)
	codeSpan = regexp.MustCompile("`[^`\n]*`")
)

func TestWords(t *testing.T) {
	for name, text := range documents(t) {
		if name != "CHANGELOG.md" {
			assert.Empty(t, replaced.FindAllString(codeSpan.ReplaceAllString(text, ""), -1), name)
		}
	}
	for name, text := range files(t, code, ".go") {
		parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, comment := range parsed.Comments {
			assert.Empty(t, replaced.FindAllString(comment.Text(), -1), name)
		}
	}
}
