package gauge

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/invochain/invochain/shared/metric"
)

// Attributes of a queue. SQS itself does not tell the age of the oldest message: on
// AWS it is a metric of CloudWatch's. An emulator may.
const (
	waiting = "ApproximateNumberOfMessages"
	delayed = "ApproximateNumberOfMessagesDelayed"
	handled = "ApproximateNumberOfMessagesNotVisible"
	oldest  = "ApproximateAgeOfOldestMessage"
)

// queue counts what waits, delayed messages included. In a dead letter queue those
// that somebody just looks at count as well.
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
