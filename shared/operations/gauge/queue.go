package gauge

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/shared/metric"
)

// Attributes of a queue. On AWS the age of the oldest message is a CloudWatch metric and
// not an attribute; an emulator may have it as one.
const (
	waiting = "ApproximateNumberOfMessages"
	delayed = "ApproximateNumberOfMessagesDelayed"
	handled = "ApproximateNumberOfMessagesNotVisible"
	oldest  = "ApproximateAgeOfOldestMessage"
)

// queue counts the messages that wait, including delayed ones. In a dead letter queue the
// messages that are being listed count too.
func (r *Reader) queue(ctx context.Context, q Queue) ([]Reading, error) {
	out, err := r.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &q.URL, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return nil, fmt.Errorf("read the attributes of queue %s: %w", q.Name, err)
	}
	name, counts := metric.QueueMessages, []string{waiting, delayed}
	if q.DLQ {
		name, counts = metric.DLQMessages, []string{waiting, delayed, handled}
	}
	total := 0.0
	for _, attribute := range counts {
		n, err := attributeOf(out, attribute)
		if err != nil {
			return nil, err
		}
		total += n
	}
	readings := []Reading{{Name: name, Labels: []string{q.Name}, Value: total}}
	if _, told := out.Attributes[oldest]; told && !q.DLQ {
		age, err := attributeOf(out, oldest)
		if err != nil {
			return nil, err
		}
		readings = append(readings, Reading{Name: metric.QueueOldest, Labels: []string{q.Name}, Value: age})
	}
	return readings, nil
}

// attributeOf reads a number; an emulator may leave one out that is zero.
func attributeOf(out *sqs.GetQueueAttributesOutput, name string) (float64, error) {
	text, there := out.Attributes[name]
	if !there {
		return 0, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("attribute %s: %w", name, err)
	}
	return n, nil
}
