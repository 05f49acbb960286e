package gauge

import "github.com/invochain/invochain/shared/function/env"

// ConfigFromEnv is the configuration of a deployed stack's gauges. The stack gives its
// functions, and stack.env gives others, the names of things; vars keeps what is missing.
func ConfigFromEnv(vars *env.Reader) Config {
	c := Config{Table: vars.Required("INVOCHAIN_PLATFORM_TABLE"), Breakers: []string{"inventory"}}
	for _, q := range []struct{ name, env string }{
		{"requests", "REQUESTS"}, {"audit", "AUDIT"}, {"publish", "PUBLISH"}, {"inventory", "INVENTORY"},
	} {
		c.Queues = append(c.Queues,
			Queue{Name: q.name, URL: vars.Required("INVOCHAIN_" + q.env + "_QUEUE_URL")},
			Queue{Name: q.name, URL: vars.Required("INVOCHAIN_" + q.env + "_DLQ_URL"), DLQ: true})
	}
	for _, q := range []struct{ name, env string }{{"compensation", "COMPENSATION"}, {"undelivered", "UNDELIVERED"}} {
		c.Queues = append(c.Queues, Queue{Name: q.name, URL: vars.Required("INVOCHAIN_" + q.env + "_DLQ_URL"), DLQ: true})
	}
	return c
}
