package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestGuardsAreWhereTheListSaysTheyAre: running the mutants takes minutes, so a list
// that has fallen behind the code is told of here.
func TestGuardsAreWhereTheListSaysTheyAre(t *testing.T) {
	t.Chdir("../../..")
	for _, m := range mutants() {
		_, err := m.source()
		assert.NoError(t, err, m.guard)
	}
}
