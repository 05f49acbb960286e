package main

// counts are what one invoice with one SKU causes by the HTTP door, from the request to the booked sale.
// TestCounts measures them, on the functions' binaries and DynamoDB Local.
type counts struct {
	WriteUnits  float64 // of DynamoDB, with the audit, the publishing and the booking
	ReadUnits   float64 // of DynamoDB
	Invocations float64
	Sends       float64 // requests to SQS that send, each with a message group
	Receives    float64 // requests to SQS that receive or delete
	Events      float64 // on the bus
	Transitions float64 // of Step Functions
	MetricBytes float64 // of log lines in CloudWatch's embedded metric format, which a busy process shares: at most
	SpanBytes   float64 // of log lines, if the trace is sampled
	InfoBytes   float64 // of log lines below warn, if they are sampled
	StoredBytes float64 // in the tables and their indexes
}

// invoice returns the counts. Of the write units, 16 are before the answer (shared/issuance:
// TestWriteUnits), 2 the entry of the audit log, 3 the end of the saga, and 4 the booking of the sale.
func invoice() counts {
	return counts{
		WriteUnits: 25.2, ReadUnits: 4.1, Invocations: 2.1, Sends: 2.15, Receives: 0.6, Events: 1,
		MetricBytes: 1_400, SpanBytes: 4_760, InfoBytes: 1_270, StoredBytes: 3_750,
	}
}

// What is assumed: AWS cannot be measured here.
const (
	// seconds is the billed time of an invoice: 60 ms in create-invoice and 25 ms in reserve-inventory, which
	// it waits for, and a share of 5 ms in each batch of three functions. Busy functions do not start cold.
	seconds       = createSeconds + 0.025 + 3*0.005
	createSeconds = 0.060
	// traced is the share of requests that X-Ray's default rule samples.
	traced = 0.05
	// accessBytes is a line of the API's access log, without what CloudWatch adds to each line: eventBytes.
	accessBytes, eventBytes = 140, 26
	responseBytes           = 2_000 // an answer with its headers
)

// What infra sets: TestSettings.
const (
	memoryGB  = 0.25    // of a function
	logSample = 0.05    // share of the traces whose lines below warn are written
	backups   = 35 + 12 // copies that are kept: of each day and of each month
)
