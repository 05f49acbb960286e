package alert

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/invochain/invochain/shared/metric"
)

// keysUnavailable is the reason of a refusal that no caller has caused.
const keysUnavailable = "keys_unavailable"

// burst is the number of suspicious refusals in 5 minutes above which they are taken for an attack.
// A program that sends a wrong secret every 5 seconds makes 60, and one that guesses makes thousands.
const burst = 100

// callerAlerts returns the alerts on refused callers.
func callerAlerts() []Alert {
	return []Alert{
		{
			// A ticket, because each of these calls was refused.
			Name: "RefusalsBurst", Severity: Ticket, Runbook: "security-refusals",
			Summary: "More than 100 calls in five minutes were refused for reasons that look like an attack.",
			Expr: fmt.Sprintf(`sum(increase(%s{reason=~"%s"}[5m])) > %d`, metric.SecurityRefusals,
				strings.Join(suspicious(), "|"), burst),
			Cloud: []CloudWatchCondition{{
				Terms: refusals(suspicious()), Math: "FILL(" + strings.Join(suspicious(), ", 0) + FILL(") + ", 0)",
				Period: 5 * time.Minute, Periods: 1, Threshold: burst,
			}},
		},
		{
			Name: "KeysUnavailable", Severity: Page, Runbook: "token-keys", For: 5 * time.Minute,
			Summary: "Callers are refused, with valid tokens too, because the keys that verify them cannot be read.",
			Expr:    fmt.Sprintf(`sum(increase(%s{reason=%q}[3m])) > 0`, metric.SecurityRefusals, keysUnavailable),
			Cloud: []CloudWatchCondition{{
				Terms: refusals([]string{keysUnavailable}), Period: 3 * time.Minute, Periods: 2,
			}},
		},
	}
}

// suspicious returns the reasons of refusals that look like an attack. The others are those that a
// badly written client causes every day, and the one that is our own fault.
func suspicious() []string {
	return slices.DeleteFunc(metric.Values(metric.SecurityRefusals, "reason"), func(reason string) bool {
		return slices.Contains([]string{"missing", "expired", "rate", keysUnavailable}, reason)
	})
}

// refusals returns a term for each reason, which is its id too.
func refusals(reasons []string) []Term {
	terms := make([]Term, len(reasons))
	for i, reason := range reasons {
		terms[i] = own(reason, metric.SecurityRefusals, "Sum", "reason", reason)
	}
	return terms
}

// KeysNotRotated returns the alert on the function that rotates the keys of tokens, by its name in Lambda.
func KeysNotRotated(function string) Alert {
	return Alert{
		Name: "KeysNotRotated", Severity: Ticket, Runbook: "token-keys",
		Summary: "No daily run of rotate-keys has succeeded for two days: when the key ends, no tokens are issued.",
		Cloud:   []CloudWatchCondition{noRun(function, 24*time.Hour, 2)},
	}
}
