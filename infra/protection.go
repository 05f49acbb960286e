package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbackup"
	"github.com/aws/jsii-runtime-go"
)

// newProtection returns the stack of the backups, which outlast point-in-time recovery,
// and of the API's web application firewall.
func newProtection(app awscdk.App, d *data, s *service) awscdk.Stack {
	stack := newStack(app, "InvoChain-Protection", "InvoChain: backups, firewall")
	plan := awsbackup.BackupPlan_DailyWeeklyMonthly7YearRetention(stack, jsii.String("Backup"), nil)
	plan.AddSelection(jsii.String("Tables"), &awsbackup.BackupSelectionOptions{Resources: &[]awsbackup.BackupResource{
		awsbackup.BackupResource_FromDynamoDbTable(d.platform), awsbackup.BackupResource_FromDynamoDbTable(d.invoices),
		awsbackup.BackupResource_FromDynamoDbTable(d.inventory), awsbackup.BackupResource_FromDynamoDbTable(d.audit),
	}})
	newFirewall(stack, s.api)
	suppress(stack, map[string]string{
		"AwsSolutions-IAM4": "AWSBackupServiceRolePolicyForBackup is the role that AWS provides for AWS Backup.",
	})
	return stack
}
