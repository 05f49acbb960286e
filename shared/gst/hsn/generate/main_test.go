package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCodesAreGroupedByHeading(t *testing.T) {
	t.Parallel()
	const list = "01\n0102\n010221\n01022120\r\n 01022110\n01021010\n2307 00\n30559\n063610\nnone\n0102\n"
	var out strings.Builder
	require.NoError(t, write(strings.NewReader(list), &out))
	require.Equal(t, "0102 10-10 211020\n0636- 10\n", out.String())
}
