package main

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	ddb "github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/shared/deployment"
)

// data is the stack of the tables and of the signed audit log, which outlive all other stacks. Each table has one
// owner; docs/data.md lists keys and access patterns.
type data struct {
	awscdk.Stack
	platform, invoices, inventory, audit, keys, limits ddb.TableV2

	keysKey     awskms.Key                  // of the keys table
	documentKey awskms.Key                  // signs documents
	auditKey    awskms.Key                  // signs the audit log
	auditBucket awss3.Bucket                // of what it has signed
	exports     awss3.Bucket                // files of exports
	warm        *ddb.WarmThroughput         // of every table and index; nil: as AWS creates them
	operator    awssecretsmanager.CfnSecret // credential of the first operator
}

// Names of indexes.
const (
	indexDue        = "due"
	indexAttention  = "attention"
	indexByMerchant = "by-merchant"
	indexBySubject  = "by-subject"
)

func newData(app awscdk.App) *data {
	d := &data{Stack: newStack(app, "Data", "InvoChain: tables")}
	retain := setting(app, "retain", "true") == "true"
	d.warm = warmThroughput(app)
	d.platform = d.table("Platform", retain, "ttl",
		index(indexDue, "due_shard", "due", ddb.AttributeType_NUMBER),
		index(indexAttention, "attention", "begun_at", ddb.AttributeType_NUMBER))
	d.invoices = d.table("Invoices", retain, "",
		index(indexByMerchant, "merchant_id", "listed_at", ddb.AttributeType_STRING),
		index(indexBySubject, "subject_of", "listed_at", ddb.AttributeType_STRING))
	d.inventory = d.table("Inventory", retain, "ttl",
		index(indexByMerchant, "stock_of", "pk", ddb.AttributeType_STRING))
	d.audit = d.table("Audit", retain, "")
	d.addAuditLog(retain)
	d.keys = d.table("Keys", retain, "ttl")
	d.limits = d.table("Limits", retain, "ttl")
	d.encryptKeys(retain)
	d.exports = d.newExportBucket(retain)
	d.documentKey = d.newDocumentKey(retain)
	d.operator = d.newOperatorSecret(retain)
	output(d.Stack, deployment.PlatformTable, d.platform.TableName())
	output(d.Stack, deployment.InvoicesTable, d.invoices.TableName())
	output(d.Stack, deployment.InventoryTable, d.inventory.TableName())
	output(d.Stack, deployment.AuditTable, d.audit.TableName())
	output(d.Stack, deployment.KeysTable, d.keys.TableName())
	output(d.Stack, deployment.LimitsTable, d.limits.TableName())
	output(d.Stack, deployment.OperatorSecret, d.operator.AttrId())
	return d
}

func index(
	name, hash, sort string, sortType ddb.AttributeType,
) *ddb.GlobalSecondaryIndexPropsV2 {
	return &ddb.GlobalSecondaryIndexPropsV2{
		IndexName:      jsii.String(name),
		PartitionKey:   &ddb.Attribute{Name: jsii.String(hash), Type: ddb.AttributeType_STRING},
		SortKey:        &ddb.Attribute{Name: jsii.String(sort), Type: sortType},
		ProjectionType: ddb.ProjectionType_KEYS_ONLY,
	}
}

// table returns a table with on-demand capacity and encryption that can be restored to any
// second of the last 35 days.
func (d *data) table(name string, retain bool, ttl string, indexes ...*ddb.GlobalSecondaryIndexPropsV2) ddb.TableV2 {
	props := &ddb.TablePropsV2{
		PartitionKey: &ddb.Attribute{Name: jsii.String("pk"), Type: ddb.AttributeType_STRING},
		SortKey:      &ddb.Attribute{Name: jsii.String("sk"), Type: ddb.AttributeType_STRING},
		Billing:      ddb.Billing_OnDemand(nil),
		Encryption:   ddb.TableEncryptionV2_AwsManagedKey(),
		PointInTimeRecoverySpecification: &ddb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true), RecoveryPeriodInDays: jsii.Number(35),
		},
		GlobalSecondaryIndexes: &indexes,
		DeletionProtection:     jsii.Bool(retain),
		RemovalPolicy:          removal(retain),
	}
	props.WarmThroughput = d.warm
	for _, i := range indexes {
		i.WarmThroughput = d.warm
	}
	if ttl != "" {
		props.TimeToLiveAttribute = jsii.String(ttl)
	}
	return ddb.NewTableV2(d.Stack, jsii.String(name+"Table"), props)
}

// warmThroughput returns what tables serve from their first second, by the setting `warm-writes`: write
// units a second, and three times as many read units. A new table serves 4,000 and 12,000; it is warm
// for more only if that is asked and paid for, once for each table and index. It can only be raised.
func warmThroughput(app awscdk.App) *ddb.WarmThroughput {
	const already = 4000
	n, err := strconv.Atoi(setting(app, "warm-writes", strconv.Itoa(already)))
	if err != nil || n < already || n > 40_000 {
		panic("infra: warm-writes must be 4000 to 40000")
	}
	if n == already {
		return nil
	}
	return &ddb.WarmThroughput{WriteUnitsPerSecond: jsii.Number(n), ReadUnitsPerSecond: jsii.Number(3 * n)}
}

func removal(retain bool) awscdk.RemovalPolicy {
	if retain {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}
