package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbackup"
	"github.com/aws/jsii-runtime-go"
)

// newProtection returns the stack of the backups, which outlast point-in-time recovery, of the
// API's web application firewall, and of the schedule by which the operator's secret rotates.
func newProtection(app awscdk.App, d *data, s *service) awscdk.Stack {
	stack := newStack(app, "InvoChain-Protection", "InvoChain: backups, firewall, rotation of the operator's secret")
	plan := awsbackup.BackupPlan_DailyWeeklyMonthly7YearRetention(stack, jsii.String("Backup"), nil)
	plan.AddSelection(jsii.String("Tables"), &awsbackup.BackupSelectionOptions{Resources: &[]awsbackup.BackupResource{
		awsbackup.BackupResource_FromDynamoDbTable(d.platform), awsbackup.BackupResource_FromDynamoDbTable(d.invoices),
		awsbackup.BackupResource_FromDynamoDbTable(d.inventory), awsbackup.BackupResource_FromDynamoDbTable(d.audit),
	}})
	newFirewall(stack, s.api)
	rotateMonthly(stack, d.operator, s.functions[rotateKeys])
	suppress(stack, map[string]string{
		"AwsSolutions-IAM4": "AWSBackupServiceRolePolicyForBackup is the role that AWS provides for AWS Backup.",
	})
	return stack
}
