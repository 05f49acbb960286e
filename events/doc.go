// Package events holds every message that crosses a boundary of the system: the
// events on the bus, the messages on the queues, and the OpenAPI document. Each
// has a JSON Schema in schema/ and a sample in samples/.
package events
