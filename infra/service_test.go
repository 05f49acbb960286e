package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/audit"
	"github.com/invochain/invochain/shared/caller/signing"
	"github.com/invochain/invochain/shared/erasure"
	"github.com/invochain/invochain/shared/export"
	"github.com/invochain/invochain/shared/function/queue"
)

func TestTables(t *testing.T) {
	tables := resources(dataStack, "AWS::DynamoDB::GlobalTable")
	require.Len(t, tables, 6)
	for id, p := range tables {
		t.Run(id, func(t *testing.T) {
			require.Equal(t, "PAY_PER_REQUEST", p["BillingMode"])
			require.Equal(t, map[string]any{"SSEEnabled": true, "SSEType": "KMS"}, p["SSESpecification"])
			replica := p["Replicas"].([]any)[0].(map[string]any)
			require.Equal(t, true, replica["DeletionProtectionEnabled"])
			recovery := replica["PointInTimeRecoverySpecification"].(map[string]any)
			require.Equal(t, true, recovery["PointInTimeRecoveryEnabled"])
		})
	}
}

// TestWarmTablesAreASetting: an index that is not warm would throttle its table. By default nothing is
// bought, and a table that has grown is not asked to shrink.
func TestWarmTablesAreASetting(t *testing.T) {
	for id, p := range resources(dataStack, "AWS::DynamoDB::GlobalTable") {
		require.NotContains(t, fmt.Sprint(p), "WarmThroughput", id)
	}
	warm := map[string]any{"WriteUnitsPerSecond": 10_000., "ReadUnitsPerSecond": 30_000.}
	for id, p := range cellB.resources("InvoChain-b-Data", "AWS::DynamoDB::GlobalTable") {
		require.Equal(t, warm, p["WarmThroughput"], id)
		indexes, _ := p["GlobalSecondaryIndexes"].([]any)
		for _, index := range indexes {
			require.Equal(t, warm, index.(map[string]any)["WarmThroughput"], id)
		}
	}
}

func TestQueuesKeepMessagesForTwoWeeks(t *testing.T) {
	for id, p := range resources(serviceStack, "AWS::SQS::Queue") {
		require.EqualValues(t, 14*24*3600, p["MessageRetentionPeriod"], id)
	}
}

func TestConsumers(t *testing.T) {
	functions := resources(serviceStack, "AWS::Lambda::Function")
	queues := resources(serviceStack, "AWS::SQS::Queue")
	aliases := resources(serviceStack, "AWS::Lambda::Alias")
	mappings := resources(serviceStack, "AWS::Lambda::EventSourceMapping")
	require.Len(t, mappings, 4)
	for id, m := range mappings {
		t.Run(id, func(t *testing.T) {
			require.Equal(t, []any{"ReportBatchItemFailures"}, m["FunctionResponseTypes"])
			require.NotNil(t, m["ScalingConfig"])
			source := queues[m["EventSourceArn"].(map[string]any)["Fn::GetAtt"].([]any)[0].(string)]
			if id[:8] == "LogAudit" {
				require.EqualValues(t, audit.MaxBatch, m["BatchSize"], "a batch is one transaction")
			}
			receives := source["RedrivePolicy"].(map[string]any)["maxReceiveCount"].(float64)
			require.Greater(t, receives, float64(queue.MaxReceivesInOutage), "SQS would dead-letter a message without a reason")

			visibility := source["VisibilityTimeout"].(float64)
			function := functions[target(t, aliases[target(t, m["FunctionName"])]["FunctionName"])]
			require.GreaterOrEqual(t, visibility, function["Timeout"].(float64)+10, "SQS would redeliver a message in progress")
			require.Less(t, visibility, 60.0, "a killed consumer would delay its messages too long")
		})
	}
}

// TestLogsAreSampled: what an invoice logs is a part of its cost (docs/cost.md).
func TestLogsAreSampled(t *testing.T) {
	for id, p := range resources(serviceStack, "AWS::Lambda::Function") {
		logging := p["LoggingConfig"].(map[string]any)
		require.Equal(t, []any{"JSON", "WARN"}, []any{logging["LogFormat"], logging["SystemLogLevel"]}, id)
		require.NotContains(t, logging, "ApplicationLogLevel", "Lambda would drop metrics, which have no level")
		require.Equal(t, "0.05", p["Environment"].(map[string]any)["Variables"].(map[string]any)["INVOCHAIN_LOG_SAMPLE"], id)
	}
}

// TestTokenKeysAreNamedByTheirTag: only issue-token signs, only rotate-keys creates and deletes,
// and neither can use any other KMS key.
func TestTokenKeysAreNamedByTheirTag(t *testing.T) {
	users := map[string]string{
		"kms:Sign": "IssueToken", "kms:CreateKey": "RotateKeys", "kms:ScheduleKeyDeletion": "RotateKeys",
		"kms:GetPublicKey": "RotateKeys", "kms:TagResource": "RotateKeys",
	}
	found := 0
	for id, p := range resources(serviceStack, "AWS::IAM::Policy") {
		for _, s := range p["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			statement := s.(map[string]any)
			for _, action := range stringList(statement["Action"]) {
				user, ofTokens := users[action]
				if !ofTokens || ofAnotherKey(statement) {
					continue
				}
				found++
				require.Contains(t, id, user, action)
				tagged := "aws:(Resource|Request)Tag/" + signing.TagKey + ":" + signing.TagValue
				require.Regexp(t, tagged, fmt.Sprint(statement["Condition"]), action)
			}
		}
	}
	require.Equal(t, len(users), found)
}

// ofAnotherKey reports whether a statement is about the key of documents or that of the audit log.
func ofAnotherKey(statement map[string]any) bool {
	of := fmt.Sprint(statement["Resource"])
	return strings.Contains(of, "AuditKey") || strings.Contains(of, "DocumentKey")
}

// TestSealAuditAloneSigns: one function signs the audit log and writes to its bucket, whose objects
// can be locked, and from which no function deletes.
func TestSealAuditAloneSigns(t *testing.T) {
	users := map[string][]string{}
	for id, p := range resources(serviceStack, "AWS::IAM::Policy") {
		for _, s := range p["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			statement := s.(map[string]any)
			if of := fmt.Sprint(statement["Resource"]); strings.Contains(of, "AuditKey") || strings.Contains(of, "AuditBucket") {
				for _, action := range stringList(statement["Action"]) {
					users[action] = append(users[action], id[:len("SealAudit")])
				}
			}
		}
	}
	for _, action := range []string{"kms:Sign", "s3:PutObject", "s3:PutObjectRetention"} {
		require.Equal(t, []string{"SealAudit"}, users[action], action)
	}
	delete(users, "kms:Sign")
	for action := range users {
		require.Contains(t, []string{
			"kms:GetPublicKey", "s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:PutObjectRetention",
		}, action)
	}
	for id, p := range resources(dataStack, "AWS::S3::Bucket") {
		require.Equal(t, named(id) == "AuditBucket", p["ObjectLockEnabled"] == true, id)
	}
}

// TestExports: manage-privacy alone reaches the files of exports, over TLS, and S3 deletes them in time.
func TestExports(t *testing.T) {
	users := map[string][]string{}
	statements("AWS::IAM::Policy", func(policy string, s map[string]any) {
		if strings.Contains(fmt.Sprint(s["Resource"]), "ExportBucket") {
			users[named(policy)] = append(users[named(policy)], stringList(s["Action"])...)
		}
	})
	require.Equal(t, map[string][]string{"ManagePrivacy": {"s3:PutObject", "s3:GetObject"}}, users)
	refused := 0
	statements("AWS::S3::BucketPolicy", func(policy string, s map[string]any) {
		require.Equal(t, "Deny", s["Effect"], policy)
		require.Equal(t, map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}, s["Condition"], policy)
		refused++
	})
	require.Equal(t, 2, refused)
	for id, p := range resources(dataStack, "AWS::S3::Bucket") {
		require.Equal(t, map[string]any{
			"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
		}, p["PublicAccessBlockConfiguration"], id)
		if named(id) != "ExportBucket" {
			continue
		}
		rule := p["LifecycleConfiguration"].(map[string]any)["Rules"].([]any)[0].(map[string]any)
		require.InDelta(t, export.KeptFor.Hours(), rule["ExpirationInDays"].(float64)*24, 0)
		require.NotContains(t, p, "VersioningConfiguration")
		for _, c := range erasure.Copies() {
			if c.Where == "exports" { // S3 deletes at the midnight after
				require.InDelta(t, 24, c.For.Hours()-export.KeptFor.Hours(), 0)
			}
		}
	}
}

// TestTheDocumentKeyIsForServeAPIAlone: no other function signs with it, and serve-api signs with no
// other key. It stays when the stack is deleted, so that what it signed can be verified.
func TestTheDocumentKeyIsForServeAPIAlone(t *testing.T) {
	template := app.templates[dataStack]["Resources"].(map[string]any)
	found := ""
	for id, r := range template {
		resource := r.(map[string]any)
		if resource["Type"] != "AWS::KMS::Key" || !strings.HasPrefix(id, "DocumentKey") {
			continue
		}
		require.Empty(t, found, "one key signs documents")
		found = id
		p := resource["Properties"].(map[string]any)
		require.Equal(t, []any{"ECC_NIST_P256", "SIGN_VERIFY"}, []any{p["KeySpec"], p["KeyUsage"]})
		require.Contains(t, p["Tags"], map[string]any{"Key": signing.TagKey, "Value": "document"})
		require.Equal(t, "Retain", resource["DeletionPolicy"])
		require.Equal(t, "Retain", resource["UpdateReplacePolicy"])
	}
	require.NotEmpty(t, found)
	for id, p := range resources(serviceStack, "AWS::IAM::Policy") {
		for _, s := range p["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			statement := s.(map[string]any)
			mayUse := strings.Contains(fmt.Sprint(statement["Resource"]), found)
			require.Equal(t, mayUse, strings.Contains(id, "ServeApi") &&
				slices.Contains(stringList(statement["Action"]), "kms:Sign"), id)
			if mayUse {
				require.Equal(t, []string{"kms:Sign", "kms:GetPublicKey"}, stringList(statement["Action"]))
			}
		}
	}
}

// TestKeysTableHasItsOwnKey: no other table uses it, and it rotates.
func TestKeysTableHasItsOwnKey(t *testing.T) {
	keys := resources(dataStack, "AWS::KMS::Key")
	for id, p := range resources(dataStack, "AWS::DynamoDB::GlobalTable") {
		own := fmt.Sprint(p["Replicas"].([]any)[0].(map[string]any)["SSESpecification"])
		require.Equal(t, strings.HasPrefix(id, "KeysTable"), strings.Contains(own, "KeysTableKey"), id)
	}
	for id, p := range keys {
		signs := p["KeyUsage"] == "SIGN_VERIFY" // another key is another log
		require.Equal(t, !signs, p["EnableKeyRotation"] == true, id)
	}
}
