package contract_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/events"
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/metric"
)

const code = "functions shared events infra tools tests"

// rows returns the names in the first column of a document's tables.
func rows(t *testing.T, document string) []string {
	t.Helper()
	var names []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*?) \\|").FindAllStringSubmatch(documents(t)[document], -1) {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			names = append(names, name[1])
		}
	}
	require.NotEmpty(t, names, document)
	return names
}

func matches(text, pattern string) []string {
	var all []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Metrics, error codes, attributes and labels are all written so.
func TestSnakeCaseNamesAreInTheCode(t *testing.T) {
	known := map[string]bool{}
	for _, name := range matches(source(t, code), `\b([a-z]+(?:_[a-z0-9]+)+)\b`) {
		known[name] = true
	}
	each(t, "`([^`\n]+)`", func(document, span string) {
		for _, name := range matches(span, `(?:^|[^\w.-])([a-z]+(?:_[a-z0-9]+)+)\b`) {
			require.True(t, known[name], "%s names %s", document, name)
		}
	})
}

// Where a code is given in Go, and the codes of a problem document in openapi.json.
const (
	codeInGo = `(?:Code: +|Permanent\(|contradiction\(|malformed\(|badKey\(|add\(` +
		`|Fail\([^,]+, |Matching\(\w+, "\w+", )"([a-z0-9_]+)"`
	codesInOpenAPI = `(?s)"code": \{[^}]*?"enum": \[([^\]]*body_empty[^\]]*)\]`
)

func TestErrorCodesAreDocumented(t *testing.T) {
	documented := append(rows(t, "docs/errors.md"), rows(t, "docs/findings.md")...)
	production := source(t, "functions shared events infra")
	var described []string
	for _, enum := range matches(production, codesInOpenAPI) {
		described = append(described, matches(enum, `"(\w+)"`)...)
	}
	for _, name := range matches(documents(t)["docs/errors.md"], "(?m)^\\| `([a-z_]+)` \\| [1-5][0-9]{2} \\|") {
		require.Contains(t, described, name, "openapi.json lacks a code that callers get")
	}
	require.Contains(t, described, "throttled", "only openapi.json has this one")
	for _, name := range append(described, matches(production, codeInGo)...) {
		require.Contains(t, documented, name)
	}
	for _, name := range documented {
		require.True(t, strings.Contains(production, `"`+name+`"`), "docs/errors.md names %s", name)
	}
}

func TestMetricsAreDocumented(t *testing.T) {
	documented := rows(t, "docs/metrics.md")
	for _, m := range metric.Catalogue() {
		require.Contains(t, documented, m.Name)
	}
}

// TestActionsAreDocumented: docs/audit.md has each action that the audit log can have, and no other.
func TestActionsAreDocumented(t *testing.T) {
	actions := append(matches(source(t, "events/act.go"), `= "([a-z_]+\.[a-z_]+)"`),
		events.InvoiceCreated, events.InvoiceCancelled, events.SagaStuck)
	require.Greater(t, len(actions), 15)
	require.ElementsMatch(t, actions, rows(t, "docs/audit.md"))
}

func TestItemPrefixesAreDocumented(t *testing.T) {
	data, prefixes := documents(t)["docs/data.md"], matches(source(t, "shared"), `"([A-Z]+#)`)
	for _, prefix := range prefixes {
		require.True(t, strings.Contains(data, "`"+prefix), "docs/data.md lacks %s", prefix)
	}
	each(t, "`([A-Z]+#)", func(document, prefix string) {
		require.Contains(t, prefixes, prefix, document)
	})
}

// reads returns a pattern for each variable that the code reads by a name that it spells,
// at least in part: "INVOCHAIN_"+name+"_TIMEOUT_MS" gives ^INVOCHAIN_[A-Z]+_TIMEOUT_MS$.
func reads(t *testing.T) []*regexp.Regexp {
	t.Helper()
	reader := `\.(?:Required|Optional|Duration|Fraction|Milliseconds|PositiveInt|Getenv)\(([^,()]*"[A-Z_][^,()]*)[,)]`
	var patterns []*regexp.Regexp
	for _, name := range matches(source(t, "functions shared tools"), reader) {
		parts := strings.Split(name, "+")
		for i, part := range parts {
			literal, err := strconv.Unquote(strings.TrimSpace(part))
			switch {
			case err == nil:
				parts[i] = literal
			case i == 0:
				parts[i] = "[A-Z_]+"
			default:
				parts[i] = "[A-Z]+"
			}
		}
		patterns = append(patterns, regexp.MustCompile("^"+strings.Join(parts, "")+"$"))
	}
	return patterns
}

func TestVariablesAreDocumented(t *testing.T) {
	documented := rows(t, "docs/configuration.md")
	for i, name := range documented {
		documented[i] = strings.ReplaceAll(name, "<name>", "NAME")
	}
	for _, output := range deployment.Outputs() {
		require.Contains(t, documented, output.Variable)
	}
	patterns := reads(t)
	for _, pattern := range patterns {
		require.True(t, slices.ContainsFunc(documented, pattern.MatchString), "%s is not documented", pattern)
	}
	all := source(t, code)
	each(t, `\b(INVOCHAIN_[A-Z_<>a-z]*[A-Z>])`, func(document, name string) {
		name = strings.ReplaceAll(name, "<name>", "NAME")
		isRead := slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(name) })
		require.True(t, isRead || strings.Contains(all, name), "%s names %s", document, name)
	})
}
