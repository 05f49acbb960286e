package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tests/contract"
)

func TestRoutesAreDescribed(t *testing.T) {
	doc, err := contract.Load(t.Context())
	require.NoError(t, err)
	require.NoError(t, doc.CheckRoutes(handler{}.router().Routes))
}
