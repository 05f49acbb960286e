package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// queues of the service, each with the queue for what it gives up.
type queues struct {
	requests, audit, publish, inventory             awssqs.Queue
	requestsDLQ, auditDLQ, publishDLQ, inventoryDLQ awssqs.Queue
	compensationDLQ                                 awssqs.Queue // compensations that could not be done
	undelivered                                     awssqs.Queue // events that the bus could not deliver
}

func newQueues(stack awscdk.Stack) queues {
	var q queues
	q.requests, q.requestsDLQ = queueWithDLQ(stack, "Requests")
	q.audit, q.auditDLQ = queueWithDLQ(stack, "Audit")
	q.publish, q.publishDLQ = queueWithDLQ(stack, "Publish")
	q.inventory, q.inventoryDLQ = queueWithDLQ(stack, "Inventory")
	q.compensationDLQ = deadLetters(stack, "Compensation")
	q.undelivered = deadLetters(stack, "Undelivered")
	for name, queue := range q.byOutput() {
		output(stack, name, queue.QueueUrl())
	}
	return q
}

func (q queues) byOutput() map[string]awssqs.Queue {
	return map[string]awssqs.Queue{
		"RequestsQueue": q.requests, "RequestsDLQ": q.requestsDLQ,
		"AuditQueue": q.audit, "AuditDLQ": q.auditDLQ,
		"PublishQueue": q.publish, "PublishDLQ": q.publishDLQ,
		"InventoryQueue": q.inventory, "InventoryDLQ": q.inventoryDLQ,
		"CompensationDLQ": q.compensationDLQ, "UndeliveredDLQ": q.undelivered,
	}
}

// mostReceives of a message before its queue gives it up. The functions dead-letter
// what keeps failing themselves, with the reason, on the 39th receive (package queue
// says why then): this is for messages that crash them, which nobody counts apart.
const mostReceives = 42

// visibilityTimeout is how many seconds a message stays with a consumer that says nothing of it:
// one that was killed, or throttled. It is longer than any consumer's time limit, and so
// short that all is well again within a minute. Lambda advises six times the limit, so
// that a throttled batch is not delivered to another; ours bear a second delivery. A
// message that failed waits for as long as package queue says.
const visibilityTimeout = 45

// queueWithDLQ is a queue and its dead letter queue.
func queueWithDLQ(stack awscdk.Stack, name string) (queue, dlq awssqs.Queue) {
	dlq = deadLetters(stack, name)
	queue = awssqs.NewQueue(stack, jsii.String(name+"Queue"), &awssqs.QueueProps{
		VisibilityTimeout: awscdk.Duration_Seconds(jsii.Number(visibilityTimeout)),
		RetentionPeriod:   awscdk.Duration_Days(jsii.Number(14)),
		Encryption:        awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true),
		DeadLetterQueue: &awssqs.DeadLetterQueue{Queue: dlq, MaxReceiveCount: jsii.Number(mostReceives)},
	})
	return queue, dlq
}

func deadLetters(stack awscdk.Stack, name string) awssqs.Queue {
	return awssqs.NewQueue(stack, jsii.String(name+"DLQ"), &awssqs.QueueProps{
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true),
	})
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// pascal turns `create-invoice` into `CreateInvoice`.
func pascal(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "-") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}
