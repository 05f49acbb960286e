package alert_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/infra/dashboards/alert"
	"github.com/invochain/invochain/shared/metric"
)

// TestRefusalsRaiseAnAlarm: each reason of a refusal is counted by the alert on attacks or that on
// keys, in Prometheus and in CloudWatch, unless clumsy clients cause it.
func TestRefusalsRaiseAnAlarm(t *testing.T) {
	t.Parallel()
	counted := map[string][]string{}
	for _, a := range alert.All() {
		for _, c := range a.Cloud {
			for _, term := range c.Terms {
				if term.Name == metric.SecurityRefusals {
					counted[a.Name] = append(counted[a.Name], term.Dimensions[0].Value)
					require.Regexp(t, `[|"]`+term.Dimensions[0].Value+`[|"]`, a.Expr)
				}
			}
		}
	}
	attacks := []string{
		"malformed", "unknown_key", "signature", "claims", "revoked", "scope", "merchant", "credentials",
	}
	require.Equal(t, map[string][]string{"RefusalsBurst": attacks, "KeysUnavailable": {"keys_unavailable"}}, counted)
	require.ElementsMatch(t, metric.Values(metric.SecurityRefusals, "reason"),
		slices.Concat(attacks, []string{"keys_unavailable", "missing", "expired", "rate"}))
}
