package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	cw "github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscodedeploy"
	cwref "github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// newDelivery returns the stack that shifts the API's calls to a new version of
// create-invoice: 10 % at first, the rest after five minutes without errors.
func newDelivery(app awscdk.App, s *service) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String("InvoChain-Delivery"), &awscdk.StackProps{
		Description: jsii.String("InvoChain: canary"),
	})
	errors := s.live.MetricErrors(sum()).CreateAlarm(stack, jsii.String("CanaryErrors"), &cw.CreateAlarmOptions{
		Threshold: jsii.Number(1), EvaluationPeriods: jsii.Number(1),
		AlarmDescription: jsii.String("The new version of create-invoice returns errors; the deployment is rolled back."),
		TreatMissingData: cw.TreatMissingData_NOT_BREACHING,
	})
	awscodedeploy.NewLambdaDeploymentGroup(stack, jsii.String("Canary"), &awscodedeploy.LambdaDeploymentGroupProps{
		Alias:            s.live,
		DeploymentConfig: awscodedeploy.LambdaDeploymentConfig_CANARY_10PERCENT_5MINUTES(),
		Alarms:           &[]cwref.IAlarmRef{errors},
		AutoRollback: &awscodedeploy.AutoRollbackConfig{
			DeploymentInAlarm: jsii.Bool(true), FailedDeployment: jsii.Bool(true),
		},
	})
	suppress(stack, map[string]string{
		"AwsSolutions-IAM4": "AWSCodeDeployRoleForLambdaLimited is the role that AWS provides for CodeDeploy.",
	})
	return stack
}
