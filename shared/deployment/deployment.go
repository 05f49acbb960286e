// Package deployment names what is deployed: each stack output with the environment
// variable under which functions, programs and tests read it.
package deployment

// Name of one thing: as a stack's output and as an environment variable.
type Name struct {
	Output, Env string
}

// Names lists every output.
func Names() []Name {
	return []Name{
		{"PlatformTable", "INVOCHAIN_PLATFORM_TABLE"},
		{"InvoicesTable", "INVOCHAIN_INVOICES_TABLE"},
		{"InventoryTable", "INVOCHAIN_INVENTORY_TABLE"},
		{"AuditTable", "INVOCHAIN_AUDIT_TABLE"},
		{"RequestsQueue", "INVOCHAIN_REQUESTS_QUEUE_URL"},
		{"RequestsDLQ", "INVOCHAIN_REQUESTS_DLQ_URL"},
		{"AuditQueue", "INVOCHAIN_AUDIT_QUEUE_URL"},
		{"AuditDLQ", "INVOCHAIN_AUDIT_DLQ_URL"},
		{"PublishQueue", "INVOCHAIN_PUBLISH_QUEUE_URL"},
		{"PublishDLQ", "INVOCHAIN_PUBLISH_DLQ_URL"},
		{"InventoryQueue", "INVOCHAIN_INVENTORY_QUEUE_URL"},
		{"InventoryDLQ", "INVOCHAIN_INVENTORY_DLQ_URL"},
		{"CompensationDLQ", "INVOCHAIN_COMPENSATION_DLQ_URL"},
		{"UndeliveredDLQ", "INVOCHAIN_UNDELIVERED_DLQ_URL"},
		{"BusName", "INVOCHAIN_BUS_NAME"},
		{"CompensationMachine", "INVOCHAIN_COMPENSATION_ARN"},
		{"ApiId", "INVOCHAIN_API_ID"},
		{"ReserveInventoryFunction", "INVOCHAIN_RESERVE_FUNCTION"},
		{"ReleaseInventoryFunction", "INVOCHAIN_RELEASE_FUNCTION"},
		{"CreateInvoiceFunction", "INVOCHAIN_CREATE_FUNCTION"},
		{"RecoverSagasFunction", "INVOCHAIN_RECOVER_FUNCTION"},
	}
}

// Env is the variable of an output; empty for one that is not listed.
func Env(output string) string {
	for _, n := range Names() {
		if n.Output == output {
			return n.Env
		}
	}
	return ""
}
