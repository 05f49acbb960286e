// Package metric is the catalogue of metrics: names, units, labels and the values that a
// label may take.
package metric

// Kind of a metric.
type Kind string

// Kinds. A counter and a histogram are recorded by the function that does the work and
// summed over the fleet; a gauge is read from where the truth is when it is asked for.
const (
	Counter   Kind = "counter"
	Histogram Kind = "histogram"
	Gauge     Kind = "gauge"
)

// Definition is one line of the catalogue: what may be recorded, and under which labels.
// A label's values are bounded: a route's pattern and never its path, never a key, an
// invoice or a merchant.
type Definition struct {
	Name   string
	Kind   Kind
	Unit   string // UCUM: s for seconds, 1 for a count, INR for rupees
	Labels []string
	Help   string
}

// Names of the metrics, as Prometheus and CloudWatch have them.
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
)

// Bounds are the upper ends of the buckets of every histogram, in seconds; a last bucket
// without an end follows. They are fine around the objectives of 100 ms and 500 ms, and
// reach the longest time limit of a function that a caller waits for.
func Bounds() []float64 {
	return []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 10, 30}
}

// Catalogue is the catalogue. Whoever records, draws or alarms takes names and labels
// from here.
func Catalogue() []Definition {
	return []Definition{
		{InvoiceCreated, Counter, "1", []string{"door"}, "Invoices issued, by door: http, queue."},
		{InvoiceDuration, Histogram, "s", []string{"door", "outcome"}, "From a request's arrival to its answer, in the function; outcome is created, replayed, refused or failed."},
		{InvoiceAmount, Counter, "INR", []string{"document"}, "Sum of the totals of invoices issued, in rupees, by document type."},
		{ReservationFailures, Counter, "1", []string{"reason"}, "Reservations that did not succeed: out_of_stock, breaker_open, timeout, error."},
		{BreakerState, Gauge, "1", []string{"dependency"}, "0 closed, 1 half open, 2 open."},
		{HTTPRequests, Counter, "1", []string{"method", "route", "status"}, "Requests answered; route is a pattern, or unmatched."},
		{HTTPDuration, Histogram, "s", []string{"method", "route"}, "From a request's arrival at the function to its answer."},
		{IdempotencyRequests, Counter, "1", []string{"outcome"}, "Claims of keys: won, resumed, replayed, shared, busy, undoing, mismatch, error."},
		{SagaStarted, Counter, "1", nil, "Sagas begun."},
		{SagaCompleted, Counter, "1", []string{"outcome"}, "Sagas that reached an end: completed, aborted, compensated; or stuck, each time."},
		{SagaStepDuration, Histogram, "s", []string{"step", "outcome"}, "Duration of one attempt at a step; outcome is ok, refused or failed."},
		{SagaCompensations, Counter, "1", []string{"step", "outcome"}, "Compensations tried, by the step's name; outcome is ok or failed."},
		{SagaInFlight, Gauge, "1", nil, "Sagas that have not ended."},
		{SagaStuck, Gauge, "1", nil, "Sagas that could not be undone."},
		{SagaOldest, Gauge, "s", nil, "How long the longest overdue saga has been overdue; 0 when none is."},
		{RecoverRuns, Counter, "1", []string{"outcome"}, "Runs of recovery: ok, held (another run leads), failed."},
		{DLQMessages, Gauge, "1", []string{"queue"}, "Messages given up, by dead letter queue."},
		{QueueMessages, Gauge, "1", []string{"queue"}, "Messages waiting, by queue."},
		{QueueOldest, Gauge, "s", []string{"queue"}, "Age of the oldest message, by queue."},
		{LockAcquisitions, Counter, "1", []string{"outcome"}, "Attempts at a lock: acquired, held, error."},
		{RetryAttempts, Counter, "1", []string{"dependency"}, "Attempts after the first, by dependency: dynamodb, sqs, lambda, states, events."},
		{BulkheadRejections, Counter, "1", []string{"dependency"}, "Calls refused because too many were under way."},
		{DynamoDBRequests, Counter, "1", []string{"operation", "outcome"}, "Calls: ok, refused (a condition), conflict, throttled, error."},
		{DynamoDBDuration, Histogram, "s", []string{"operation"}, "Duration of a call, the SDK's retries included."},
		{DynamoDBConnections, Gauge, "1", nil, "Connections to DynamoDB that are open, over the fleet's live instances."},
		{DynamoDBUnits, Counter, "1", []string{"operation"}, "Write units consumed, indexes included, as DynamoDB reports them."},
		{AuditLag, Histogram, "s", nil, "From an invoice's commit to its audit entry."},
	}
}
