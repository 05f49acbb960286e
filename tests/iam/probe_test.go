//go:build integration

package iam_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// role calls AWS with the credentials of a function.
type role struct {
	db      *dynamodb.Client
	sqs     *sqs.Client
	secrets *secretsmanager.Client
}

// probe is a call on a resource: a table's name, a queue's URL or a secret's ARN.
type probe struct {
	action string
	// lasting means that the call would have an effect, so that it is made only where it is
	// refused. The conditions of the other writes do not hold.
	lasting bool
	call    func(ctx context.Context, r role, resource string) error
}

func tableProbes() []probe {
	nothing := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "NOTHING"}, "sk": &types.AttributeValueMemberS{Value: "NOTHING"},
	}
	exists := aws.String("attribute_exists(pk)")
	return []probe{
		{"dynamodb:GetItem", false, func(ctx context.Context, r role, table string) error {
			_, err := r.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: nothing})
			return err
		}},
		{"dynamodb:PutItem", false, func(ctx context.Context, r role, table string) error {
			_, err := r.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: nothing, ConditionExpression: exists})
			return err
		}},
		{"dynamodb:UpdateItem", false, func(ctx context.Context, r role, table string) error {
			_, err := r.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: &table, Key: nothing, ConditionExpression: exists, UpdateExpression: aws.String("REMOVE x"),
			})
			return err
		}},
		{"dynamodb:DeleteItem", false, func(ctx context.Context, r role, table string) error {
			_, err := r.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
				TableName: &table, Key: nothing, ConditionExpression: exists,
			})
			return err
		}},
		{"dynamodb:ConditionCheckItem", false, func(ctx context.Context, r role, table string) error {
			check := &types.ConditionCheck{TableName: &table, Key: nothing, ConditionExpression: exists}
			_, err := r.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
				TransactItems: []types.TransactWriteItem{{ConditionCheck: check}},
			})
			return err
		}},
		{"dynamodb:Query", false, func(ctx context.Context, r role, table string) error {
			_, err := r.db.Query(ctx, &dynamodb.QueryInput{
				TableName: &table, KeyConditionExpression: aws.String("pk = :pk"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":pk": nothing["pk"]},
			})
			return err
		}},
		{"dynamodb:Scan", false, func(ctx context.Context, r role, table string) error {
			_, err := r.db.Scan(ctx, &dynamodb.ScanInput{TableName: &table, Limit: aws.Int32(1)})
			return err
		}},
		{"dynamodb:DeleteTable", true, func(ctx context.Context, r role, table string) error {
			_, err := r.db.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table})
			return err
		}},
	}
}

func queueProbes() []probe {
	return []probe{
		{"sqs:GetQueueAttributes", false, func(ctx context.Context, r role, url string) error {
			_, err := r.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url})
			return err
		}},
		{"sqs:SendMessage", true, func(ctx context.Context, r role, url string) error {
			_, err := r.sqs.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("{}")})
			return err
		}},
		{"sqs:ReceiveMessage", true, func(ctx context.Context, r role, url string) error {
			_, err := r.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url})
			return err
		}},
		{"sqs:PurgeQueue", true, func(ctx context.Context, r role, url string) error {
			_, err := r.sqs.PurgeQueue(ctx, &sqs.PurgeQueueInput{QueueUrl: &url})
			return err
		}},
	}
}

func secretProbes() []probe {
	return []probe{
		{"secretsmanager:GetSecretValue", false, func(ctx context.Context, r role, arn string) error {
			_, err := r.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
			return err
		}},
		{"secretsmanager:PutSecretValue", true, func(ctx context.Context, r role, arn string) error {
			_, err := r.secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
				SecretId: &arn, SecretString: aws.String("{}"),
			})
			return err
		}},
		{"secretsmanager:DeleteSecret", true, func(ctx context.Context, r role, arn string) error {
			_, err := r.secrets.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &arn})
			return err
		}},
	}
}
