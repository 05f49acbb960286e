package gst_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/gst"
	"github.com/invochain/invochain/shared/problem"
)

func TestGivenTotalMayDifferByARupee(t *testing.T) {
	for total, ok := range map[string]bool{"118": true, "117": true, "119": true, "116.99": false, "119.01": false} {
		t.Run(total, func(t *testing.T) {
			_, err := gst.Assess(parse(t, oneLine("1", "100", "18", `"total_amount":`+total+`,`)), seller, "")
			if ok {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, &problem.Error{Code: "total_mismatch"})
		})
	}
}

func TestTotalsOutOfRangeAreRefused(t *testing.T) {
	const reverse = `"reverse_charge":true,`
	for name, body := range map[string]string{
		"one line":                 lines(1, `{"quantity":2,"unit_price":1000000000000,"gst_rate":0}`, ""),
		"128 bits":                 lines(1, `{"quantity":9999999999.999,"unit_price":999999999999.999,"gst_rate":0}`, ""),
		"many lines":               lines(2, `{"quantity":1,"unit_price":600000000000,"gst_rate":0}`, ""),
		"with the tax":             lines(1, `{"quantity":1,"unit_price":1000000000000,"gst_rate":18}`, ""),
		"cess that the buyer pays": lines(2, cessLine("600000000000"), reverse),
		"cess of a thousand lines": lines(gst.MaxItems, cessLine("1000000000000"), ""),
	} {
		t.Run(name, func(t *testing.T) {
			e := assessError(t, body)
			require.Equal(t, 422, e.Status)
			require.Equal(t, "out_of_range", e.Fields[0].Code)
		})
	}
}

// cessLine returns a line that bears nothing but cess.
func cessLine(rupees string) string {
	return `{"quantity":1,"unit_price":0,"gst_rate":0,"cess_amount":` + rupees + `}`
}
