package alert

import (
	"fmt"
	"strings"

	"github.com/invochain/invochain/infra/dashboards/objective"
)

// Rules renders alerts as a file of Prometheus alerting rules.
func Rules(all []Alert) []byte {
	var b strings.Builder
	b.WriteString("# Written by `make golden` from infra/dashboards/alert.\ngroups:\n  - name: invochain\n    rules:\n")
	for _, a := range all {
		fmt.Fprintf(&b, "      - alert: %s\n        expr: >-\n          %s\n", a.Name, a.Expr)
		if a.For > 0 {
			fmt.Fprintf(&b, "        for: %s\n", objective.Window(a.For))
		}
		fmt.Fprintf(&b, "        labels:\n          severity: %s\n", a.Severity)
		fmt.Fprintf(&b, "        annotations:\n          summary: %q\n          runbook: %s\n", a.Summary, a.Link())
	}
	return []byte(b.String())
}
