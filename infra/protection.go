package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbackup"
	waf "github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"
)

// newProtection returns the stack of the backups, which outlast point-in-time recovery,
// and of the API's web application firewall.
func newProtection(app awscdk.App, d *data, s *service) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String("InvoChain-Protection"), &awscdk.StackProps{
		Description: jsii.String("InvoChain: backups, firewall"),
	})
	plan := awsbackup.BackupPlan_DailyWeeklyMonthly7YearRetention(stack, jsii.String("Backup"), nil)
	plan.AddSelection(jsii.String("Tables"), &awsbackup.BackupSelectionOptions{Resources: &[]awsbackup.BackupResource{
		awsbackup.BackupResource_FromDynamoDbTable(d.platform), awsbackup.BackupResource_FromDynamoDbTable(d.invoices),
		awsbackup.BackupResource_FromDynamoDbTable(d.inventory), awsbackup.BackupResource_FromDynamoDbTable(d.audit),
	}})
	acl := waf.NewCfnWebACL(stack, jsii.String("Firewall"), &waf.CfnWebACLProps{
		Scope:            jsii.String("REGIONAL"),
		DefaultAction:    &waf.CfnWebACL_DefaultActionProperty{Allow: &waf.CfnWebACL_AllowActionProperty{}},
		VisibilityConfig: visible("invochain"),
		Rules:            []any{commonRules(), rateRule()},
	})
	waf.NewCfnWebACLAssociation(stack, jsii.String("FirewallOfApi"), &waf.CfnWebACLAssociationProps{
		ResourceArn: s.api.DeploymentStage().StageArn(), WebAclArn: acl.AttrArn(),
	})
	suppress(stack, map[string]string{
		"AwsSolutions-IAM4": "AWSBackupServiceRolePolicyForBackup is the role that AWS provides for AWS Backup.",
	})
	return stack
}

// commonRules returns AWS's common rule set without its 8 KB limit on bodies: an invoice may
// have 256 KB, a limit that the functions check.
func commonRules() *waf.CfnWebACL_RuleProperty {
	return &waf.CfnWebACL_RuleProperty{
		Name: jsii.String("common"), Priority: jsii.Number(0), VisibilityConfig: visible("common"),
		OverrideAction: &waf.CfnWebACL_OverrideActionProperty{None: map[string]any{}},
		Statement: &waf.CfnWebACL_StatementProperty{
			ManagedRuleGroupStatement: &waf.CfnWebACL_ManagedRuleGroupStatementProperty{
				VendorName: jsii.String("AWS"), Name: jsii.String("AWSManagedRulesCommonRuleSet"),
				RuleActionOverrides: []any{&waf.CfnWebACL_RuleActionOverrideProperty{
					Name:        jsii.String("SizeRestrictions_BODY"),
					ActionToUse: &waf.CfnWebACL_RuleActionProperty{Count: map[string]any{}},
				}},
			},
		},
	}
}

// rateRule limits each IP address to 10,000 requests in five minutes.
func rateRule() *waf.CfnWebACL_RuleProperty {
	return &waf.CfnWebACL_RuleProperty{
		Name: jsii.String("rate"), Priority: jsii.Number(1), VisibilityConfig: visible("rate"),
		Action: &waf.CfnWebACL_RuleActionProperty{Block: &waf.CfnWebACL_BlockActionProperty{}},
		Statement: &waf.CfnWebACL_StatementProperty{RateBasedStatement: &waf.CfnWebACL_RateBasedStatementProperty{
			AggregateKeyType: jsii.String("IP"), Limit: jsii.Number(10000),
		}},
	}
}

func visible(name string) *waf.CfnWebACL_VisibilityConfigProperty {
	return &waf.CfnWebACL_VisibilityConfigProperty{
		CloudWatchMetricsEnabled: true, MetricName: jsii.String(name), SampledRequestsEnabled: true,
	}
}
