package inventory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/money"
)

// step is a call; reserve and release are for saga s.
type step struct {
	name string
	call func(fixture) string
}

// Names of the steps.
const (
	reserveAll   = "reserve"
	reserveShort = "reserve, out of stock"
	releaseAll   = "release"
	restock      = "restock"
)

func steps() map[string]step {
	return map[string]step{
		reserveAll:   {reserveAll, reserve(2, "A", "B", "C", "D", "E")},
		reserveShort: {reserveShort, reserve(2, "A", "B", "C", "D", "Z")},
		releaseAll:   {releaseAll, release},
		restock: {restock, func(f fixture) string {
			_, err := f.SetOnHand(ctx, merchant, "Z", 100)
			return result(err)
		}},
	}
}

// sequences returns the names of the steps that run between two calls of another step.
func sequences() [][]string {
	return [][]string{
		{reserveAll},
		{releaseAll},
		{restock, reserveShort},
		{restock, reserveAll},
		{restock, releaseAll},
		{reserveAll, releaseAll},
		{releaseAll, reserveAll},
		{reserveShort, releaseAll},
	}
}

// Between any two calls that one delivery makes to the database, other deliveries run from
// start to end. Whatever they do, the results must be true in the end: after done the stock is
// reserved, after refused or released nothing is.
func TestEveryInterleaving(t *testing.T) {
	t.Parallel()
	for _, chunk := range []int{98, 2} {
		for _, name := range []string{reserveAll, reserveShort, releaseAll} {
			t.Run(fmt.Sprintf("%d SKUs in a chunk/%s", chunk, name), func(t *testing.T) {
				t.Parallel()
				f := setup(t).withChunkSize(chunk)
				for _, between := range sequences() {
					for at := 0; f.interleave(t, steps()[name], between, at); at++ {
						continue
					}
				}
			})
		}
	}
}

// interleave runs the steps between before call number at of outer, and checks the results. It
// returns false when outer makes fewer calls.
func (f fixture) interleave(t *testing.T, outer step, between []string, at int) bool {
	t.Helper()
	prepare()(t, f)
	results := map[string][]string{}
	calls, reached := 0, false
	f.db.set(func(string) (bool, error) {
		calls++
		if calls-1 == at {
			reached = true
			f.db.set(healthy)
			for _, name := range between {
				results[name] = append(results[name], steps()[name].call(f))
			}
		}
		return true, nil
	})
	last := outer.call(f)
	f.db.set(healthy)
	results[outer.name] = append(results[outer.name], last)
	if reached {
		f.requireTrue(t, results, fmt.Sprintf("%v before call %d: %v", between, at, results))
	}
	return reached
}

// requireTrue checks that the table agrees with the results of the steps.
func (f fixture) requireTrue(t *testing.T, results map[string][]string, what string) {
	t.Helper()
	total := map[string]money.Quantity{"A": 10, "B": 10, "C": 10, "D": 10, "E": 10}
	states := f.requireBalance(t, total).states["s"]
	wasReleased := slices.Contains(results[releaseAll], released) || slices.Contains(results[releaseAll], nothingToRelease)
	for _, name := range []string{reserveAll, reserveShort} {
		for _, result := range results[name] {
			switch {
			case result == "done" && !wasReleased:
				require.NotContains(t, states, "RELEASED", what)
			case strings.HasPrefix(result, "refused"):
				require.NotContains(t, states, "RESERVED", what)
			default:
				require.Contains(t, []string{"done", "reservation_mismatch"}, result, what)
			}
		}
	}
	if wasReleased {
		require.NotContains(t, states, "RESERVED", what)
	}
}
