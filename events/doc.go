// Package events holds every message that crosses a boundary of the system: the events on
// the bus, the messages on the queues, the payload of reserve-inventory, and the OpenAPI
// document. Each event and queue message has a JSON Schema in schema/ and a sample in
// samples/.
package events
