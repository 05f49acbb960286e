package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// checkSecurity checks every stack against the AWS Solutions rules. A finding fails the
// synthesis and TestNoSecurityFindings.
func checkSecurity(app awscdk.App) {
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Verbose: jsii.Bool(true)}), nil)
}

// suppress records why a stack does not follow certain rules: reasons by rule.
func suppress(stack awscdk.Stack, reasons map[string]string) {
	var list []*cdknag.NagPackSuppression
	for _, rule := range sortedKeys(reasons) {
		list = append(list, &cdknag.NagPackSuppression{Id: jsii.String(rule), Reason: jsii.String(reasons[rule])})
	}
	cdknag.NagSuppressions_AddStackSuppressions(stack, &list, jsii.Bool(true))
}

// suppressInService suppresses the accepted findings of the service stack.
func suppressInService(stack awscdk.Stack, open bool) {
	reasons := map[string]string{
		"AwsSolutions-IAM4": "AWSLambdaBasicExecutionRole and the API's log role only write logs; AWS maintains them.",
		"AwsSolutions-IAM5": "An index wildcard covers the indexes of one table; the KMS keys that sign tokens come and " +
			"go, so a tag names them; X-Ray and log delivery do not support resources.",
		"AwsSolutions-SQS3": "These are the dead letter queues of a state machine and of the bus; the rule recognizes " +
			"those of queues only.",
		"AwsSolutions-APIG2": "The functions validate bodies and report every invalid field; the gateway's validator " +
			"reports none.",
		"AwsSolutions-APIG3": "The protection stack associates the firewall.",
		"AwsSolutions-COG4":  "Callers are machines, not Cognito users.",
	}
	if open {
		reasons["AwsSolutions-APIG4"] = "The functions demand an access token; TestRoutesFailClosed, TestAccessMatrix."
	}
	suppress(stack, reasons)
}
