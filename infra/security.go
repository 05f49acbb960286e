package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// checkSecurity holds every stack against the AWS Solutions rules. A finding fails
// the synthesis, and TestNoFindingIsLeft.
func checkSecurity(app awscdk.App) {
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Verbose: jsii.Bool(true)}), nil)
}

// suppress gives, for a stack, the reason for each rule that it does not follow.
func suppress(stack awscdk.Stack, reasons map[string]string) {
	var list []*cdknag.NagPackSuppression
	for _, rule := range sortedKeys(reasons) {
		list = append(list, &cdknag.NagPackSuppression{Id: jsii.String(rule), Reason: jsii.String(reasons[rule])})
	}
	cdknag.NagSuppressions_AddStackSuppressions(stack, &list, jsii.Bool(true))
}

// acceptInService: the findings of the service stack.
func acceptInService(stack awscdk.Stack) {
	suppress(stack, map[string]string{
		"AwsSolutions-IAM4":  "AWSLambdaBasicExecutionRole and the API's log role only write logs; CDK maintains them.",
		"AwsSolutions-IAM5":  "Index wildcards name the one index of one table; invoke wildcards name the versions of one function; X-Ray and log delivery take no resources.",
		"AwsSolutions-SQS3":  "These queues are dead letter queues, of a state machine and of the bus, which the rule does not see.",
		"AwsSolutions-APIG2": "Bodies are validated in the functions, which name every bad field; the gateway's validator names none.",
		"AwsSolutions-APIG3": "The firewall is associated in the protection stack.",
		"AwsSolutions-APIG4": "Callers are not authenticated yet: README, section Status. The API must not be exposed before.",
		"AwsSolutions-COG4":  "Callers will be machines with client credentials, not Cognito users.",
	})
}
