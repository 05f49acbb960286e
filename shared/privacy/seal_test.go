package privacy_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/privacy"
)

func Example() {
	key := privacy.NewKey()
	sealed, _ := privacy.Seal(key, []byte("asha@example.in"), "merchant-1\x00invoice-1\x00email")
	text, err := privacy.Open(key, sealed, "merchant-1\x00invoice-1\x00email")
	fmt.Println(string(text), err)
	_, err = privacy.Open(key, sealed, "merchant-1\x00invoice-2\x00email")
	fmt.Println(errors.Is(err, privacy.ErrChanged))
	_, err = privacy.Open(nil, sealed, "merchant-1\x00invoice-1\x00email")
	fmt.Println(errors.Is(err, privacy.ErrErased))
	// Output:
	// asha@example.in <nil>
	// true
	// true
}

func TestAChangedTextDoesNotOpen(t *testing.T) {
	t.Parallel()
	key := privacy.NewKey()
	sealed, err := privacy.Seal(key, []byte("text"), "place")
	require.NoError(t, err)
	require.Len(t, sealed, len("text")+privacy.Overhead)
	for i := range sealed {
		changed := append([]byte{}, sealed...)
		changed[i] ^= 1
		_, err := privacy.Open(key, changed, "place")
		if 1 <= i && i <= 8 { // the id of the key
			require.ErrorIs(t, err, privacy.ErrErased, i)
			continue
		}
		require.ErrorIs(t, err, privacy.ErrChanged, i)
	}
	for n := range sealed {
		_, err := privacy.Open(key, sealed[:n], "place")
		require.ErrorIs(t, err, privacy.ErrChanged, n)
	}
}

// TestWhatAFormerKeySealedIsErased: the buyer came back and has another key now.
func TestWhatAFormerKeySealedIsErased(t *testing.T) {
	t.Parallel()
	former := privacy.NewKey()
	sealed, err := privacy.Seal(former, []byte("text"), "place")
	require.NoError(t, err)
	_, err = privacy.Open(privacy.NewKey(), sealed, "place")
	require.ErrorIs(t, err, privacy.ErrErased)
	by, err := privacy.SealedBy(sealed)
	require.NoError(t, err)
	require.Equal(t, former.ID(), by)
	_, err = privacy.Seal(nil, []byte("text"), "place")
	require.ErrorIs(t, err, privacy.ErrErased)
}

func TestTheSameTextIsSealedDifferently(t *testing.T) {
	t.Parallel()
	key := privacy.NewKey()
	first, err := privacy.Seal(key, []byte("text"), "place")
	require.NoError(t, err)
	second, err := privacy.Seal(key, []byte("text"), "place")
	require.NoError(t, err)
	require.NotEqual(t, first, second)
}
