package contract_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/metric"
)

const root = "../.."

var skipped = regexp.MustCompile(`^(\.\w.*|node_modules|cdk\.out|dist|testdata)$`)

// files returns the text of every file under the folders whose name has one of the
// endings, by its path in the repository. It skips folders that hold no source.
func files(t *testing.T, folders string, endings ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for folder := range strings.FieldsSeq(folders) {
		require.NoError(t, fs.WalkDir(os.DirFS(root), folder, func(name string, d fs.DirEntry, err error) error {
			if d.IsDir() {
				if skipped.MatchString(d.Name()) {
					return fs.SkipDir
				}
				return err
			}
			for _, ending := range endings {
				if strings.HasSuffix(name, ending) {
					text, err := os.ReadFile(filepath.Join(root, name))
					found[name] = string(text)
					return err
				}
			}
			return err
		}))
	}
	return found
}

func documents(t *testing.T) map[string]string {
	t.Helper()
	return files(t, ".", ".md")
}

// source returns the production code of the folders as one text.
func source(t *testing.T, folders string) string {
	t.Helper()
	var all strings.Builder
	for name, text := range files(t, folders, ".go", ".py", ".mjs", ".json") {
		if !strings.HasSuffix(name, "_test.go") {
			all.WriteString(text)
		}
	}
	return all.String()
}

// each calls check with the first group of every match of pattern in a document.
func each(t *testing.T, pattern string, check func(document, match string)) {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	for name, text := range documents(t) {
		for _, match := range expression.FindAllStringSubmatch(text, -1) {
			check(name, match[1])
		}
	}
}

var (
	heading    = regexp.MustCompile(`(?m)^#+ (.*)$`)
	unanchored = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors returns the fragments that GitHub gives to a document's headings.
func anchors(text string) []string {
	var all []string
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ReplaceAll(unanchored.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return all
}

func TestLinksResolve(t *testing.T) {
	all := documents(t)
	each(t, `\]\(([^)\s]+)\)`, func(document, link string) {
		if strings.Contains(link, "://") {
			return
		}
		file, anchor, _ := strings.Cut(link, "#")
		target := path.Join(path.Dir(document), file)
		if file == "" {
			target = document
		}
		_, err := os.Stat(filepath.Join(root, target))
		require.NoError(t, err, "%s links to %s", document, link)
		if anchor != "" {
			require.Contains(t, anchors(all[target]), anchor, "%s links to %s", document, link)
		}
	})
}

func TestIndexListsEveryPage(t *testing.T) {
	index := documents(t)["docs/README.md"]
	for name := range files(t, "docs", ".md") {
		if name != "docs/README.md" {
			require.Contains(t, index, "]("+strings.TrimPrefix(name, "docs/")+")")
		}
	}
}

// TestReadmeListsEveryFolder: its table has a row for each part of the code.
func TestReadmeListsEveryFolder(t *testing.T) {
	readme := documents(t)["README.md"]
	for _, pattern := range []string{"shared/*/*", "shared/durable/*/*", "tools/*/*", "tests/*/*"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, found)
		for _, name := range found {
			folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(name)), root+"/")
			require.True(t, strings.Contains(readme, "`"+folder), "README.md lacks %s", folder)
		}
	}
}

func TestPathsExist(t *testing.T) {
	const named = "(?:`|[ `]\\./)((?:functions|shared|events|infra|tools|tests|docs)/[\\w./*-]*\\w)"
	each(t, named, func(document, name string) {
		found, err := filepath.Glob(filepath.Join(root, name))
		require.NoError(t, err)
		require.NotEmpty(t, found, "%s names %s", document, name)
	})
}

func TestMakeTargetsExist(t *testing.T) {
	targets := map[string]bool{}
	rule := regexp.MustCompile(`(?m)^([a-z][a-z -]*):`)
	for _, text := range files(t, "Makefile tools", "Makefile", ".mk") {
		for _, names := range rule.FindAllStringSubmatch(text, -1) {
			for name := range strings.FieldsSeq(names[1]) {
				targets[name] = true
			}
		}
	}
	each(t, "(?m)(?:`|^    |&& |; |time )make((?: [a-z][a-z-]*)+)", func(document, names string) {
		for name := range strings.FieldsSeq(names) {
			require.True(t, targets[name], "%s names make %s", document, name)
		}
	})
}

// TestRunbooksStartWithCommands: a runbook's commands come before its text, they set the
// addresses that they use, and the first hour links to every runbook.
func TestRunbooksStartWithCommands(t *testing.T) {
	const start, setsAddresses = "docs/runbooks/README.md", "    set -a; . .local/stack.env; set +a"
	all := files(t, "docs/runbooks", ".md")
	for name, text := range all {
		if name != start {
			require.Regexp(t, `^# .*\n\n    \S`, text, name)
			require.Contains(t, all[start], "("+strings.TrimPrefix(name, "docs/runbooks/")+")")
		}
		before, _, uses := strings.Cut(text, `"$API_URL`)
		require.True(t, !uses || strings.Contains(before, setsAddresses), "%s uses API_URL and does not set it", name)
	}
}

// TestRunbooksReadMetricsThatExist: what they search /metrics for is part of a metric's name.
func TestRunbooksReadMetricsThatExist(t *testing.T) {
	var known strings.Builder
	for _, m := range metric.Catalogue() {
		known.WriteString(m.Name + " " + m.Name + "_count ")
	}
	each(t, `(?m)^    curl .*/metrics" \| grep (.*)$`, func(document, pattern string) {
		for _, name := range matches(pattern, `([a-z]+(?:_[a-z]+)+)`) {
			require.Contains(t, known.String(), name, document)
		}
	})
}
