package main

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEncryptedAtRest: tables and the operator's secret under a KMS key, queues under one of SQS,
// log groups under one of CloudWatch Logs, which it has without a setting. cdk-nag does not look at
// tables of this type.
func TestEncryptedAtRest(t *testing.T) {
	for id, p := range everywhere("AWS::DynamoDB::GlobalTable") {
		encryption := p["SSESpecification"].(map[string]any)
		require.Equal(t, []any{true, "KMS"}, []any{encryption["SSEEnabled"], encryption["SSEType"]}, id)
	}
	for id, p := range everywhere("AWS::SecretsManager::Secret") {
		require.Contains(t, fmt.Sprint(p["KmsKeyId"]), "KeysTableKey", id)
	}
	for id, p := range everywhere("AWS::S3::Bucket") {
		require.Contains(t, fmt.Sprint(p["BucketEncryption"]), "AES256", id)
	}
	for id, p := range everywhere("AWS::SQS::Queue") {
		require.Equal(t, true, p["SqsManagedSseEnabled"], id)
	}
	for id, p := range everywhere("AWS::Logs::LogGroup") {
		require.EqualValues(t, 30, p["RetentionInDays"], id)
	}
}

// TestEveryStoreIsKnown fails on a resource that holds data and that TestEncryptedAtRest does
// not look at.
func TestEveryStoreIsKnown(t *testing.T) {
	stores := regexp.MustCompile(
		`^AWS::(DynamoDB|SQS|S3|Kinesis|KinesisFirehose|RDS|ElastiCache|EFS|Logs|SecretsManager)::`)
	checked := []string{
		"AWS::DynamoDB::GlobalTable", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "AWS::Logs::LogGroup",
		"AWS::SecretsManager::Secret", "AWS::SecretsManager::RotationSchedule",
		"AWS::S3::Bucket", "AWS::S3::BucketPolicy",
	}
	for _, template := range app.templates {
		for id, r := range template["Resources"].(map[string]any) {
			kind := r.(map[string]any)["Type"].(string)
			require.False(t, stores.MatchString(kind) && !slices.Contains(checked, kind), "%s is a %s", id, kind)
		}
	}
}

// TestLogGroupsAreOurs: a function without a log group would log to one that keeps its lines
// for ever.
func TestLogGroupsAreOurs(t *testing.T) {
	groups := everywhere("AWS::Logs::LogGroup")
	functions := everywhere("AWS::Lambda::Function")
	require.Len(t, functions, len(timeLimits()))
	for id, p := range functions {
		group := p["LoggingConfig"].(map[string]any)["LogGroup"].(map[string]any)["Ref"].(string)
		require.Contains(t, groups, group, id)
	}
}
