package fault_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/tools/faults/fault"
)

func TestInvalidRulesAreRejected(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for name, rule := range map[string]fault.Rule{
		"service":        {Service: "S3", Share: 1},
		"no share":       {Service: fault.SQS},
		"large share":    {Service: fault.SQS, Share: 1.5},
		"negative delay": {Service: fault.SQS, Share: 1, DelayMS: -1},
		"fault":          {Service: fault.SQS, Share: 1, Do: "burn"},
		"code":           {Service: fault.SQS, Share: 1, Do: fault.Refuse, Code: "ThrottlingException"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, http.StatusBadRequest, f.set(t, rule))
		})
	}
}
