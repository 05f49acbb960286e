package hsn_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst/hsn"
)

func TestKnown(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"01": true, "99": true, "00": false, "77": false, // chapter 77 is reserved and has no headings
		"0101": true, "8471": true, "9999": true, "0000": false, "7777": false, "0636": false,
		"847130": true, "996511": true, "999900": true, "681510": true, "010110": false, "063610": true,
		"777777": false, "999999": false, "000000": false, "010199": false,
		"73239310": true, "01011010": true, "69041000": true, "73239399": false, "99831400": false,
		"": false, "8": false, "847": false, "84713": false, "8471301": false, "847130100": false,
	} {
		require.Equal(t, want, hsn.Known(code), code)
	}
}

// TestKnownAgreesWithThePortalsList tries every heading, and every continuation of each code.
// The list is outside the checkout.
func TestKnownAgreesWithThePortalsList(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../../shared/gst/data/hsn_master_codes.txt")
	if os.IsNotExist(err) {
		t.Skip("the list is not available")
	}
	require.NoError(t, err)
	listed := map[string]bool{}
	for code := range strings.Lines(string(text)) {
		listed[strings.TrimSpace(code)] = true
	}
	compare := func(code string) {
		if hsn.Known(code) != listed[code] {
			require.Equal(t, listed[code], hsn.Known(code), code)
		}
	}
	for n := range 10_000 {
		compare(fmt.Sprintf("%04d", n))
	}
	for code := range listed {
		for n := 0; n < 100 && (len(code) == 4 || len(code) == 6); n++ {
			compare(fmt.Sprintf("%s%02d", code, n))
		}
	}
}

func BenchmarkKnown(b *testing.B) {
	for b.Loop() {
		hsn.Known("99999700")
	}
}
