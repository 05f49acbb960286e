package listing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/dynamo"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
	"github.com/invochain/invochain/shared/durable/listing"
)

// fixture is an index with 120 entries, n-000 to n-119, and entries of another partition.
type fixture struct {
	db    *dynamodb.Client
	index listing.Index
}

func setup(t *testing.T) fixture {
	t.Helper()
	db := dynamotest.Client(t)
	table := dynamotest.Tables(t, db).Inventory
	for n := range 120 {
		for _, partition := range []string{"m", "other"} {
			item := dynamo.Key(fmt.Sprintf("n-%03d", n), partition)
			item["stock_of"] = dynamo.S(partition)
			_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item})
			require.NoError(t, err)
		}
	}
	return fixture{db, listing.Index{Table: table, Name: "by-merchant", Hash: "stock_of", Partition: "m"}}
}

func names(from, to int) []string {
	var all []string
	for n := from; n < to; n++ {
		all = append(all, fmt.Sprintf("n-%03d", n))
	}
	return all
}

// pages reads all pages and returns the names on each.
func (f fixture) pages(
	t *testing.T, db listing.API, b listing.Bounds, judge func(name string, page []string) listing.Verdict,
) [][]string {
	t.Helper()
	var pages [][]string
	var after dynamo.Item
	for {
		var page []string
		next, err := f.index.Read(t.Context(), db, after, b, func(item dynamo.Item) (listing.Verdict, error) {
			verdict := judge(dynamo.Text(item["pk"]), page)
			if verdict == listing.Take {
				page = append(page, dynamo.Text(item["pk"]))
			}
			return verdict, nil
		})
		require.NoError(t, err)
		pages = append(pages, page)
		if after = next; after == nil {
			return pages
		}
	}
}

func take(string, []string) listing.Verdict { return listing.Take }

func TestEachItemIsOnOnePage(t *testing.T) {
	t.Parallel()
	f := setup(t)
	short := func(_ string, page []string) listing.Verdict {
		if len(page) == 7 {
			return listing.Stop
		}
		return listing.Take
	}
	for name, tc := range map[string]struct {
		bounds listing.Bounds
		judge  func(string, []string) listing.Verdict
		sizes  []int
	}{
		"all":              {listing.Bounds{Take: 200, Examine: 200}, take, []int{120}},
		"exactly all":      {listing.Bounds{Take: 120, Examine: 300}, take, []int{120}},
		"some":             {listing.Bounds{Take: 45, Examine: 45}, take, []int{45, 45, 30}},
		"over two chunks":  {listing.Bounds{Take: 70, Examine: 70}, take, []int{70, 50}},
		"of a larger read": {listing.Bounds{Take: 55, Examine: 300}, take, []int{55, 55, 10}},
		"they do not fit":  {listing.Bounds{Take: 100, Examine: 100}, short, append(slices.Repeat([]int{7}, 17), 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sizes []int
			pages := f.pages(t, f.db, tc.bounds, tc.judge)
			for _, page := range pages {
				sizes = append(sizes, len(page))
			}
			require.Equal(t, tc.sizes, sizes)
			require.Equal(t, names(0, 120), slices.Concat(pages...))
		})
	}
}

// TestAPageIsBounded: a list that skips almost all items ends its pages all the same.
func TestAPageIsBounded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	pages := f.pages(t, f.db, listing.Bounds{Take: 10, Examine: 40}, func(name string, _ []string) listing.Verdict {
		if name == "n-090" {
			return listing.Take
		}
		return listing.Skip
	})
	require.Equal(t, [][]string{nil, nil, {"n-090"}, nil}, pages)
}

func TestDescending(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.index.Descending = true
	reversed := names(0, 120)
	slices.Reverse(reversed)
	require.Equal(t, reversed, slices.Concat(f.pages(t, f.db, listing.Bounds{Take: 50, Examine: 50}, take)...))
}

// busy answers for the first half of the keys of each read, and not for n-003, as if it had
// been deleted.
type busy struct{ *dynamodb.Client }

func (b busy) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	left := map[string]types.KeysAndAttributes{}
	for table, wanted := range in.RequestItems {
		half := (len(wanted.Keys) + 1) / 2
		if half < len(wanted.Keys) {
			left[table] = types.KeysAndAttributes{Keys: wanted.Keys[half:]}
		}
		wanted.Keys = wanted.Keys[:half]
		in.RequestItems[table] = wanted
	}
	out, err := b.Client.BatchGetItem(ctx, in, opts...)
	if err != nil {
		return nil, err
	}
	out.UnprocessedKeys = left
	for table, items := range out.Responses {
		out.Responses[table] = slices.DeleteFunc(items, func(item dynamo.Item) bool {
			return dynamo.Text(item["pk"]) == "n-003"
		})
	}
	return out, nil
}

func TestThrottledReadsAreRepeated(t *testing.T) {
	t.Parallel()
	f := setup(t)
	got := slices.Concat(f.pages(t, busy{f.db}, listing.Bounds{Take: 50, Examine: 50}, take)...)
	require.Equal(t, append(names(0, 3), names(4, 120)...), got, "in order, without the deleted one")
}

func TestAFaultEndsThePage(t *testing.T) {
	t.Parallel()
	f := setup(t)
	fault := errors.New("not an item of the list")
	_, err := f.index.Read(t.Context(), f.db, nil, listing.Bounds{Take: 5, Examine: 5},
		func(dynamo.Item) (listing.Verdict, error) { return listing.Skip, fault })
	require.ErrorIs(t, err, fault)
	f.index.Name = "none"
	_, err = f.index.Read(t.Context(), f.db, nil, listing.Bounds{Take: 5, Examine: 5}, nil)
	require.ErrorContains(t, err, "query none")
}
