package contract_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSendersNameAGroup: each message that the code sends to a queue has a group, so that the queue
// is a fair one. A dead letter queue needs none.
func TestSendersNameAGroup(t *testing.T) {
	messages := 0
	for _, dir := range []string{"functions", "shared", "tools"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			isDLQ := strings.HasSuffix(path, "shared/function/queue/deadletter.go")
			if err != nil || isDLQ || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			for _, m := range messagesIn(file) {
				messages++
				require.Contains(t, fieldsOf(m), "MessageGroupId", path)
			}
			return nil
		}))
	}
	require.GreaterOrEqual(t, messages, 3, "of a producer, of a batch, of a redrive")
}

// messagesIn returns the composite literals of messages to SQS.
func messagesIn(file *ast.File) []*ast.CompositeLit {
	var all []*ast.CompositeLit
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		kind, ok := literal.Type.(*ast.SelectorExpr)
		if ok && (kind.Sel.Name == "SendMessageInput" || kind.Sel.Name == "SendMessageBatchRequestEntry") {
			all = append(all, literal)
		}
		return true
	})
	return all
}

func fieldsOf(literal *ast.CompositeLit) []string {
	var names []string
	for _, e := range literal.Elts {
		if field, ok := e.(*ast.KeyValueExpr); ok {
			if name, ok := field.Key.(*ast.Ident); ok {
				names = append(names, name.Name)
			}
		}
	}
	return names
}
