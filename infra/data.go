package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	ddb "github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
)

// data is the stack of what must outlive every other: one table for each owner of
// data. docs/data.md lists their keys and access patterns.
type data struct {
	awscdk.Stack
	platform, invoices, inventory, audit ddb.TableV2
}

func newData(app awscdk.App) *data {
	d := &data{Stack: awscdk.NewStack(app, jsii.String("InvoChain-Data"), &awscdk.StackProps{
		Description: jsii.String("InvoChain: tables"),
	})}
	retain := setting(app, "retain", "true") == "true"
	d.platform = d.table("Platform", retain, "ttl", index("due", "due_shard", "due", ddb.AttributeType_NUMBER, ddb.ProjectionType_KEYS_ONLY))
	d.invoices = d.table("Invoices", retain, "", index("by-merchant", "merchant_id", "listed_at", ddb.AttributeType_STRING, ddb.ProjectionType_KEYS_ONLY))
	d.inventory = d.table("Inventory", retain, "ttl", nil)
	d.audit = d.table("Audit", retain, "", index("by-seq", "merchant_id", "seq", ddb.AttributeType_NUMBER, ddb.ProjectionType_ALL))
	return d
}

func index(name, hash, sort string, sortType ddb.AttributeType, projection ddb.ProjectionType) *ddb.GlobalSecondaryIndexPropsV2 {
	return &ddb.GlobalSecondaryIndexPropsV2{
		IndexName:      jsii.String(name),
		PartitionKey:   &ddb.Attribute{Name: jsii.String(hash), Type: ddb.AttributeType_STRING},
		SortKey:        &ddb.Attribute{Name: jsii.String(sort), Type: sortType},
		ProjectionType: projection,
	}
}

// table is on demand, encrypted and recoverable to any second of the last 35 days.
func (d *data) table(name string, retain bool, ttl string, ix *ddb.GlobalSecondaryIndexPropsV2) ddb.TableV2 {
	props := &ddb.TablePropsV2{
		PartitionKey: &ddb.Attribute{Name: jsii.String("pk"), Type: ddb.AttributeType_STRING},
		SortKey:      &ddb.Attribute{Name: jsii.String("sk"), Type: ddb.AttributeType_STRING},
		Billing:      ddb.Billing_OnDemand(nil),
		Encryption:   ddb.TableEncryptionV2_AwsManagedKey(),
		PointInTimeRecoverySpecification: &ddb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true), RecoveryPeriodInDays: jsii.Number(35),
		},
		DeletionProtection: jsii.Bool(retain),
		RemovalPolicy:      removal(retain),
	}
	if ttl != "" {
		props.TimeToLiveAttribute = jsii.String(ttl)
	}
	if ix != nil {
		props.GlobalSecondaryIndexes = &[]*ddb.GlobalSecondaryIndexPropsV2{ix}
	}
	t := ddb.NewTableV2(d.Stack, jsii.String(name+"Table"), props)
	output(d.Stack, name+"Table", t.TableName())
	return t
}

func removal(retain bool) awscdk.RemovalPolicy {
	if retain {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}
