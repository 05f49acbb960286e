package metric

// Names of the metrics, as Prometheus and CloudWatch show them.
const (
	InvoiceCreated      = "invoice_created_total"
	InvoiceDuration     = "invoice_creation_duration_seconds"
	InvoiceAmount       = "invoice_amount_total"
	ReservationFailures = "inventory_reservation_failures_total"
	BreakerState        = "circuit_breaker_state"
	HTTPRequests        = "http_requests_total"
	HTTPDuration        = "http_request_duration_seconds"
	IdempotencyRequests = "idempotency_requests_total"
	SagaStarted         = "saga_started_total"
	SagaCompleted       = "saga_completed_total"
	SagaStepDuration    = "saga_step_duration_seconds"
	SagaCompensations   = "saga_compensations_total"
	SagaInFlight        = "saga_in_flight"
	SagaStuck           = "saga_stuck"
	SagaOldest          = "saga_oldest_seconds"
	RecoverRuns         = "recover_runs_total"
	DLQMessages         = "dlq_messages"
	QueueMessages       = "queue_messages"
	QueueOldest         = "queue_oldest_seconds"
	LockAcquisitions    = "lock_acquisitions_total"
	RetryAttempts       = "retry_attempts_total"
	BulkheadRejections  = "bulkhead_rejections_total"
	DynamoDBRequests    = "dynamodb_requests_total"
	DynamoDBDuration    = "dynamodb_request_duration_seconds"
	DynamoDBConnections = "dynamodb_connections_active"
	DynamoDBUnits       = "dynamodb_write_units_total"
	AuditLag            = "audit_lag_seconds"
	AuditSeals          = "audit_seals_total"
	AuditLogSize        = "audit_log_size"
	AuditUnsealed       = "audit_unsealed_entries"
	AuditSealAge        = "audit_seal_age_seconds"
	AuditAlterations    = "audit_alterations_total"
	ErasuresOverdue     = "erasures_overdue"
	SecurityRefusals    = "security_refusals_total"
	LateSales           = "late_sales_total"
)

// Catalogue returns the definitions of all metrics. Recorders, dashboards and alarms take
// names and labels from it.
func Catalogue() []Definition {
	return []Definition{
		counter(InvoiceCreated, "1", "Invoices issued, by door: http, queue.", "door"),
		seconds(InvoiceDuration, "From the arrival of a request at the function to its response; "+
			"outcome is created, replayed, refused or failed.", "door", "outcome"),
		counter(InvoiceAmount, "INR", "Total of the issued invoices in rupees, by document type.", "document"),
		counter(ReservationFailures, "1",
			"Failed reservations: out_of_stock, not_sold, stock_busy, breaker_open, timeout, error.", "reason"),
		gauge(BreakerState, "1", "0 closed, 1 half open, 2 open.", "dependency"),
		counter(HTTPRequests, "1", "Requests answered; route is a pattern, or unmatched; code is that of a problem.",
			"method", "route", "status", "code", ReleaseLabel),
		seconds(HTTPDuration, "From the arrival of a request at the function to its response.", "method", "route"),
		counter(IdempotencyRequests, "1",
			"Claims of keys: won, resumed, replayed, shared, busy, undoing, mismatch, error.", "outcome"),
		counter(SagaStarted, "1", "Sagas started."),
		counter(SagaCompleted, "1",
			"Sagas that ended: completed, aborted, compensated; and each time that one became stuck.",
			"outcome", ReleaseLabel),
		seconds(SagaStepDuration, "One attempt at a step; outcome is ok, refused or failed.",
			"step", "outcome", ReleaseLabel),
		counter(SagaCompensations, "1", "Attempts at compensations; outcome is ok or failed.", "step", "outcome"),
		gauge(SagaInFlight, "1", "Sagas that have not ended."),
		gauge(SagaStuck, "1", "Sagas whose compensation or cancellation failed."),
		gauge(SagaOldest, "s", "Time since the oldest overdue saga became due; 0 if none is overdue."),
		counter(RecoverRuns, "1", "Runs of recovery: ok, held (another run leads), failed.", "outcome"),
		gauge(DLQMessages, "1", "Dead letters, by dead letter queue.", "queue"),
		gauge(QueueMessages, "1", "Messages waiting, by queue.", "queue"),
		gauge(QueueOldest, "s", "Age of the oldest message, by queue.", "queue"),
		counter(LockAcquisitions, "1", "Attempts to acquire a lock: acquired, held, error.", "outcome"),
		counter(RetryAttempts, "1",
			"Attempts after the first, by dependency: dynamodb, sqs, lambda, states, events.", "dependency"),
		counter(BulkheadRejections, "1", "Calls refused because too many were in flight.", "dependency"),
		counter(DynamoDBRequests, "1",
			"Calls: ok, refused (by a condition), conflict, throttled, error.", "operation", "outcome"),
		seconds(DynamoDBDuration, "Duration of a call, including the SDK's retries.", "operation"),
		gauge(DynamoDBConnections, "1", "Open connections to DynamoDB, over the live instances of the fleet."),
		counter(DynamoDBUnits, "1",
			"Write units consumed, including those of indexes, as DynamoDB reports them.", "operation"),
		counter(SecurityRefusals, "1", "Callers refused: by their token, scope, merchant or rate, or because the keys "+
			"could not be read.", "reason"),
		counter(LateSales, "1",
			"Sales that no event had booked an hour after the invoice: confirmed, or failed for a contradiction.", "outcome"),
		seconds(AuditLag, "From the commit of an invoice to its audit entry."),
		counter(AuditSeals, "1",
			"Runs that seal the audit log: ok, moved (another run came first), altered, failed.", "outcome"),
		counter(AuditAlterations, "1", "Receipts refused because an entry or a tile is not what was signed."),
		gauge(AuditLogSize, "1", "Entries of the audit log."),
		gauge(AuditUnsealed, "1", "Entries that no checkpoint signs yet."),
		gauge(ErasuresOverdue, "1", "Erasures that are effective for more than 24 hours, and whose keys are not destroyed."),
		gauge(AuditSealAge, "s", "Age of the oldest entry that no checkpoint signs; 0 if there is none."),
	}
}

func counter(name, unit, help string, labels ...string) Definition {
	return Definition{name, Counter, unit, labels, help}
}

func seconds(name, help string, labels ...string) Definition {
	return Definition{name, Histogram, "s", labels, help}
}

func gauge(name, unit, help string, labels ...string) Definition {
	return Definition{name, Gauge, unit, labels, help}
}
