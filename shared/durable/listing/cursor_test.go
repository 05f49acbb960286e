package listing_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/durable/listing"
	"github.com/invochain/invochain/shared/problem"
)

func ExampleCursor() {
	cursor := listing.Cursor("merchant-1", "SKU-7")
	position, err := listing.Position("merchant-1", cursor)
	fmt.Println(position, err)
	_, err = listing.Position("merchant-2", cursor)
	fmt.Println(errors.Is(err, &problem.Error{Code: "cursor_invalid"}))
	// Output:
	// SKU-7 <nil>
	// true
}

func TestCursorsOfReleasedVersionsWork(t *testing.T) {
	t.Parallel()
	position, err := listing.Position("merchant-1", "MWM2NTZjZWN4")
	require.NoError(t, err)
	require.Equal(t, "x", position)
}

func TestForeignCursorsAreRefused(t *testing.T) {
	t.Parallel()
	require.Empty(t, listing.Cursor("m", ""))
	position, err := listing.Position("m", "")
	require.NoError(t, err)
	require.Empty(t, position)
	for name, cursor := range map[string]string{
		"of another merchant": listing.Cursor("n", "x"),
		"of a filter":         listing.Cursor("m\nINV", "x"),
		"not base64":          "%%%",
		"without a position":  listing.Cursor("m", "x")[:11],
		"long":                listing.Cursor("m", strings.Repeat("x", 161)),
		"text":                "abc",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := listing.Position("m", cursor)
			require.ErrorIs(t, err, &problem.Error{Code: "cursor_invalid"})
		})
	}
}
