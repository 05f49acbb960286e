package contract_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const testFunction = `(?m)^func (?:\([^)]*\) )?(Test\w+)`

func TestTestsAreInTheCode(t *testing.T) {
	tests := map[string]bool{}
	for _, text := range files(t, code, "_test.go") {
		for _, name := range matches(text, testFunction) {
			tests[name] = true
		}
	}
	each(t, `\b(Test[A-Z]\w+)`, func(document, name string) {
		require.True(t, tests[name], "%s names %s", document, name)
	})
}

func TestCommandsRunATest(t *testing.T) {
	command := regexp.MustCompile(`^\./([\w/]+) .*-run '?(\w+)`)
	each(t, "(?:`|^    )go test ([^`\n]+)", func(document, arguments string) {
		match := command.FindStringSubmatch(arguments)
		if match == nil || match[2] == "xxx" {
			return
		}
		var tests strings.Builder
		for _, text := range files(t, match[1], "_test.go") {
			tests.WriteString(strings.Join(matches(text, testFunction), " "))
		}
		require.Regexp(t, match[2], tests.String(), "%s: go test %s", document, arguments)
	})
}

func TestGuardsAreListed(t *testing.T) {
	listed := matches(documents(t)["docs/robustness.md"], `(?m)^\| ([a-z]+: .*?) \|`)
	guards := matches(source(t, "tests/robustness/mutants"), `(?m)^\t+\{?"([a-z]+: [^"]+)", `)
	require.ElementsMatch(t, guards, listed, "docs/robustness.md has the table that make mutants prints")
}
