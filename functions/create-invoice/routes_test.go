package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/contract"
)

func TestQueryParametersAreDescribed(t *testing.T) {
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	require.NoError(t, doc.CheckQueries(handler{}.router().Routes))
}
