package gst_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
)

func TestPINOfState(t *testing.T) {
	t.Parallel()
	for pin, state := range map[string]string{
		"400001": "27", "445999": "27", "560001": "29", "110001": "07", "605001": "34", "607402": "34", "500001": "36",
		"530001": "37", "194101": "38", "900001": "97",
	} {
		require.True(t, gst.PINOfState(pin, state), pin)
	}
	for pin, state := range map[string]string{
		"399999": "27", "446000": "27", "400001": "29", "111001": "07", "606001": "34", "530001": "36", "193999": "38",
	} {
		require.False(t, gst.PINOfState(pin, state), pin)
	}
	for _, pin := range []string{"040001", "40001", "4000011", "40000A", "400 001", "४००००१"} {
		_, err := gst.ParsePIN(pin)
		require.Error(t, err, pin)
	}
}

// TestPINRangesAgreeWithOthers: each state's first and last PIN code of another project is accepted.
func TestPINRangesAgreeWithOthers(t *testing.T) {
	t.Parallel()
	var file struct {
		States map[string]string `json:"STATE_NUMBERS"`
		Ranges map[string][]any  `json:"STATE_PINCODE_MAPPING"`
	}
	facts(t, "masters_states_uqc_pins_ports.json", &file)
	for name, bounds := range file.Ranges {
		for _, bound := range flatten(bounds) {
			require.True(t, gst.PINOfState(strconv.Itoa(bound)+"001", file.States[name]), "%d %s", bound, name)
		}
	}
}

// flatten returns the numbers of a list, and of the lists in it.
func flatten(list []any) []int {
	var all []int
	for _, v := range list {
		switch v := v.(type) {
		case []any:
			all = append(all, flatten(v)...)
		case float64:
			all = append(all, int(v))
		}
	}
	return all
}
