package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestGuardsExist: running the mutants takes minutes, so this test finds a list that no
// longer matches the code.
func TestGuardsExist(t *testing.T) {
	t.Chdir("../../..")
	for _, m := range mutants() {
		_, err := m.source()
		assert.NoError(t, err, m.guard)
	}
}
