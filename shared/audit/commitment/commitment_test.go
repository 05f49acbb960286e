package commitment_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit/commitment"
)

func TestACommitmentNeedsItsSalt(t *testing.T) {
	t.Parallel()
	salt := commitment.NewSalt()
	require.Equal(t, commitment.Of(salt, []byte("doc")), commitment.Of(salt, []byte("doc")))
	require.NotEqual(t, commitment.Of(salt, []byte("doc")), commitment.Of(commitment.NewSalt(), []byte("doc")))
	require.NotEqual(t, commitment.Of(salt, []byte("doc")), commitment.Of(salt, []byte("doe")))
}
