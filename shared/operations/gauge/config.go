package gauge

import (
	"github.com/invochain/invochain/shared/deployment"
	"github.com/invochain/invochain/shared/function/env"
)

// ConfigFromEnv returns the configuration of a deployed stack's gauges. It reads the
// names of tables and queues from vars, which records what is missing.
func ConfigFromEnv(vars *env.Reader) Config {
	c := Config{
		Table: vars.Required(deployment.PlatformTable), AuditTable: vars.Required(deployment.AuditTable),
		KeysTable: vars.Required(deployment.KeysTable), Breakers: []string{"inventory"},
		DueShards: vars.PositiveInt(deployment.DueShards, 0),
	}
	for _, q := range deployment.Queues() {
		if q.URL != "" {
			c.Queues = append(c.Queues, Queue{Name: q.Name, URL: vars.Required(q.URL)})
		}
		c.Queues = append(c.Queues, Queue{Name: q.Name, URL: vars.Required(q.DLQ), DLQ: true})
	}
	return c
}
