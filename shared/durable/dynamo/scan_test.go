package dynamo_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
)

var errScan = errors.New("throttled")

// pages is a table whose scan returns one item a page, and fails after the last.
type pages struct{ left int }

func (p *pages) Scan(
	context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options),
) (*dynamodb.ScanOutput, error) {
	if p.left == 0 {
		return nil, errScan
	}
	p.left--
	return &dynamodb.ScanOutput{Items: []dynamo.Item{item(p.left)}, LastEvaluatedKey: key(p.left)}, nil
}

func TestScanYieldsWhatPassesTheFilter(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for n := range 4 {
		f.put(t, n)
	}
	var found []dynamo.Item
	wanted := expression.Name("value").GreaterThanEqual(expression.Value(2))
	for item, err := range dynamo.Scan(t.Context(), f, f.table, wanted) {
		require.NoError(t, err)
		found = append(found, item)
	}
	require.ElementsMatch(t, []dynamo.Item{item(2), item(3)}, found)
}

func TestScanReadsPagesAsTheyAreNeeded(t *testing.T) {
	t.Parallel()
	exists := expression.AttributeExists(expression.Name("pk"))
	p := &pages{left: 3}
	for _, err := range dynamo.Scan(t.Context(), p, "table", exists) {
		require.NoError(t, err)
		break
	}
	require.Equal(t, 2, p.left)

	items := 0
	var last error
	for _, err := range dynamo.Scan(t.Context(), p, "table", exists) {
		require.NoError(t, last, "an error is the last")
		if last = err; err == nil {
			items++
		}
	}
	require.Equal(t, 2, items)
	require.ErrorIs(t, last, errScan)

	for _, err := range dynamo.Scan(t.Context(), p, "table", expression.ConditionBuilder{}) {
		require.Error(t, err, "there is no filter")
	}
}
