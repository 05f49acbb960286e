// Package deployment names what is deployed: each stack output with the environment
// variable under which functions, programs and tests read it.
package deployment

// Environment variables that name tables, queues, functions and the rest of a stack.
const (
	PlatformTable   = "INVOCHAIN_PLATFORM_TABLE"
	InvoicesTable   = "INVOCHAIN_INVOICES_TABLE"
	InventoryTable  = "INVOCHAIN_INVENTORY_TABLE"
	AuditTable      = "INVOCHAIN_AUDIT_TABLE"
	AuditBucket     = "INVOCHAIN_AUDIT_BUCKET"
	AuditKey        = "INVOCHAIN_AUDIT_KEY_ARN"
	AuditOrigin     = "INVOCHAIN_AUDIT_ORIGIN"
	ExportBucket    = "INVOCHAIN_EXPORT_BUCKET"
	KeysTable       = "INVOCHAIN_KEYS_TABLE"
	LimitsTable     = "INVOCHAIN_LIMITS_TABLE"
	RequestsQueue   = "INVOCHAIN_REQUESTS_QUEUE_URL"
	RequestsDLQ     = "INVOCHAIN_REQUESTS_DLQ_URL"
	AuditQueue      = "INVOCHAIN_AUDIT_QUEUE_URL"
	AuditDLQ        = "INVOCHAIN_AUDIT_DLQ_URL"
	PublishQueue    = "INVOCHAIN_PUBLISH_QUEUE_URL"
	PublishDLQ      = "INVOCHAIN_PUBLISH_DLQ_URL"
	InventoryQueue  = "INVOCHAIN_INVENTORY_QUEUE_URL"
	InventoryDLQ    = "INVOCHAIN_INVENTORY_DLQ_URL"
	CompensationDLQ = "INVOCHAIN_COMPENSATION_DLQ_URL"
	UndeliveredDLQ  = "INVOCHAIN_UNDELIVERED_DLQ_URL"
	BusName         = "INVOCHAIN_BUS_NAME"
	CompensationARN = "INVOCHAIN_COMPENSATION_ARN"
	CancellationARN = "INVOCHAIN_CANCELLATION_ARN"
	APIID           = "INVOCHAIN_API_ID"
	ReserveFunction = "INVOCHAIN_RESERVE_FUNCTION"
	ReleaseFunction = "INVOCHAIN_RELEASE_FUNCTION"
	CreateFunction  = "INVOCHAIN_CREATE_FUNCTION"
	RecoverFunction = "INVOCHAIN_RECOVER_FUNCTION"
	RotateFunction  = "INVOCHAIN_ROTATE_FUNCTION"
	SealFunction    = "INVOCHAIN_SEAL_FUNCTION"
	OperatorSecret  = "INVOCHAIN_OPERATOR_SECRET_ARN" //nolint:gosec // it names a secret
	Issuer          = "INVOCHAIN_ISSUER"
	DocumentKey     = "INVOCHAIN_DOCUMENT_KEY_ARN" // the KMS key that signs documents; no output
	Mode            = "INVOCHAIN_MODE"             // live or test, which clients' secrets show; no output
	Release         = "INVOCHAIN_RELEASE"          // what was built: a short commit hash or a version; no output
	DueShards       = "INVOCHAIN_DUE_SHARDS"       // partitions of the index of due sagas; no output
	Cell            = "INVOCHAIN_CELL"             // name of this deployment among several, or empty; no output
)

// Environment variables that hold the credentials of API clients. Programs that call the API
// read them; functions do not have them.
const (
	ClientID             = "INVOCHAIN_CLIENT_ID"
	ClientSecret         = "INVOCHAIN_CLIENT_SECRET"
	OperatorClientID     = "INVOCHAIN_OPERATOR_CLIENT_ID"
	OperatorClientSecret = "INVOCHAIN_OPERATOR_CLIENT_SECRET" //nolint:gosec // a variable's name
)

// Output is an output of a stack and the environment variable that carries its value.
type Output struct{ Name, Variable string }

// Outputs lists every output.
func Outputs() []Output {
	return []Output{
		{"PlatformTable", PlatformTable},
		{"InvoicesTable", InvoicesTable},
		{"InventoryTable", InventoryTable},
		{"AuditTable", AuditTable},
		{"AuditBucket", AuditBucket},
		{"AuditKey", AuditKey},
		{"AuditOrigin", AuditOrigin},
		{"ExportBucket", ExportBucket},
		{"KeysTable", KeysTable},
		{"LimitsTable", LimitsTable},
		{"RequestsQueue", RequestsQueue},
		{"RequestsDLQ", RequestsDLQ},
		{"AuditQueue", AuditQueue},
		{"AuditDLQ", AuditDLQ},
		{"PublishQueue", PublishQueue},
		{"PublishDLQ", PublishDLQ},
		{"InventoryQueue", InventoryQueue},
		{"InventoryDLQ", InventoryDLQ},
		{"CompensationDLQ", CompensationDLQ},
		{"UndeliveredDLQ", UndeliveredDLQ},
		{"BusName", BusName},
		{"CompensationMachine", CompensationARN},
		{"CancellationMachine", CancellationARN},
		{"ApiId", APIID},
		{"ReserveInventoryFunction", ReserveFunction},
		{"ReleaseInventoryFunction", ReleaseFunction},
		{"CreateInvoiceFunction", CreateFunction},
		{"RecoverSagasFunction", RecoverFunction},
		{"RotateKeysFunction", RotateFunction},
		{"SealAuditFunction", SealFunction},
		{"OperatorSecret", OperatorSecret},
		{"Issuer", Issuer},
	}
}

// Queue is a queue by the name that metrics and operators use, with the variables of its
// URL and of its dead letter queue's. A dead letter queue without a source has no URL.
type Queue struct{ Name, URL, DLQ string }

// Queues lists every queue.
func Queues() []Queue {
	return []Queue{
		{"requests", RequestsQueue, RequestsDLQ},
		{"audit", AuditQueue, AuditDLQ},
		{"publish", PublishQueue, PublishDLQ},
		{"inventory", InventoryQueue, InventoryDLQ},
		{"compensation", "", CompensationDLQ},
		{"undelivered", "", UndeliveredDLQ},
	}
}
