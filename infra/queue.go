package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/shared/deployment"
)

// queues holds every queue and dead letter queue of package deployment, by the
// environment variable of its URL.
type queues map[string]awssqs.Queue

func newQueues(stack awscdk.Stack) queues {
	q := queues{}
	for _, d := range deployment.Queues() {
		q[d.DLQ] = newDLQ(stack, dlqID(d))
		if d.URL != "" {
			q[d.URL] = newQueue(stack, queueID(d), q[d.DLQ])
		}
	}
	for variable, queue := range q {
		output(stack, variable, queue.QueueUrl())
	}
	return q
}

func queueID(d deployment.Queue) string { return pascal(d.Name) + "Queue" }
func dlqID(d deployment.Queue) string   { return pascal(d.Name) + "DLQ" }

// maxReceives is how often SQS delivers a message before it dead-letters it. The functions
// dead-letter a failing message themselves, with the reason: on its 39th receive, or in an
// outage on its 990th (package queue explains the numbers). This limit is for messages that
// crash their consumer, and is the highest that SQS takes. Such a message is received every
// visibilityTimeout, so it is a dead letter after 12½ hours; until then it takes its batch
// along each time, and the others are received again in other batches.
const maxReceives = 1000

// visibilityTimeout is how many seconds SQS hides a message from other consumers when its
// consumer does not respond: it was killed or throttled. The timeout exceeds the time limit
// of every consumer, and a killed consumer delays a message by less than a minute. AWS
// recommends six times the time limit so that a throttled batch is not delivered twice; our
// consumers are idempotent. A message that failed waits as long as package queue decides.
const visibilityTimeout = 45

func newQueue(stack awscdk.Stack, id string, dlq awssqs.Queue) awssqs.Queue {
	return awssqs.NewQueue(stack, jsii.String(id), &awssqs.QueueProps{
		VisibilityTimeout: awscdk.Duration_Seconds(jsii.Number(visibilityTimeout)),
		RetentionPeriod:   awscdk.Duration_Days(jsii.Number(14)),
		Encryption:        awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true),
		DeadLetterQueue: &awssqs.DeadLetterQueue{Queue: dlq, MaxReceiveCount: jsii.Number(maxReceives)},
	})
}

func newDLQ(stack awscdk.Stack, id string) awssqs.Queue {
	return awssqs.NewQueue(stack, jsii.String(id), &awssqs.QueueProps{
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true),
	})
}
