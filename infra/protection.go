package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbackup"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/jsii-runtime-go"
)

// newProtection returns the stack of the backups, which outlast point-in-time recovery, of the
// API's web application firewall, and of the schedule by which the operator's secret rotates.
func newProtection(app awscdk.App, d *data, s *service) awscdk.Stack {
	stack := newStack(app, "Protection", "InvoChain: backups, firewall, rotation of the operator's secret")
	newBackups(stack, d)
	newFirewall(stack, s.api, s.cell)
	rotateMonthly(stack, d.operator, s.live[rotateKeys])
	suppress(stack, map[string]string{
		"AwsSolutions-IAM4": "AWSBackupServiceRolePolicyForBackup is the role that AWS provides for AWS Backup.",
	})
	return stack
}

// Backups, in days. They are for accidents: what the law wants kept is kept by the tables.
const (
	dailyKept   = 35
	monthlyKept = 365
	// lockAfter is for how long the vault's lock can still be changed. AWS Backup demands at least 3.
	// After that no account can delete a backup before its time, or the lock.
	lockAfter = 7
)

// newBackups backs the tables up each day and each month. The keys table is in no backup: a buyer
// whose key is destroyed is forgotten once its point-in-time recovery has passed. Nor are the
// limits, which mean nothing an hour later.
func newBackups(stack awscdk.Stack, d *data) {
	days := func(n float64) awscdk.Duration { return awscdk.Duration_Days(jsii.Number(n)) }
	vault := awsbackup.NewBackupVault(stack, jsii.String("BackupVault"), &awsbackup.BackupVaultProps{
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
		LockConfiguration: &awsbackup.LockConfiguration{
			MinRetention: days(dailyKept), MaxRetention: days(monthlyKept), ChangeableFor: days(lockAfter),
		},
	})
	rule := func(name string, kept float64, cron awsevents.CronOptions) awsbackup.BackupPlanRule {
		return awsbackup.NewBackupPlanRule(&awsbackup.BackupPlanRuleProps{
			RuleName: &name, ScheduleExpression: awsevents.Schedule_Cron(&cron), DeleteAfter: days(kept),
		})
	}
	plan := awsbackup.NewBackupPlan(stack, jsii.String("Backup"), &awsbackup.BackupPlanProps{
		BackupVault: vault,
		BackupPlanRules: &[]awsbackup.BackupPlanRule{
			rule("Daily", dailyKept, awsevents.CronOptions{Hour: jsii.String("20"), Minute: jsii.String("30")}),
			rule("Monthly", monthlyKept, awsevents.CronOptions{
				Day: jsii.String("1"), Hour: jsii.String("21"), Minute: jsii.String("30"),
			}),
		},
	})
	plan.AddSelection(jsii.String("Tables"), &awsbackup.BackupSelectionOptions{Resources: &[]awsbackup.BackupResource{
		awsbackup.BackupResource_FromDynamoDbTable(d.platform), awsbackup.BackupResource_FromDynamoDbTable(d.invoices),
		awsbackup.BackupResource_FromDynamoDbTable(d.inventory), awsbackup.BackupResource_FromDynamoDbTable(d.audit),
	}})
}
