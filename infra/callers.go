package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	apigw "github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"
)

// emulatorAccount is the account that emulators answer for. No AWS account has this number.
const emulatorAccount = "000000000000"

// open reports whether the API answers every caller. It does so only on an emulator; by
// default it answers principals of the account that may call it (execute-api:Invoke).
func open(app awscdk.App) bool { return setting(app, "callers", "iam") == "local" }

// newStack returns a stack for the account and region of the credentials in use. The stacks
// of an open API are for an emulator's account: with credentials of another account the CDK
// refuses to deploy them.
func newStack(app awscdk.App, name, description string) awscdk.Stack {
	props := awscdk.StackProps{Description: &description}
	if open(app) {
		props.Env = &awscdk.Environment{Account: jsii.String(emulatorAccount)}
	}
	return awscdk.NewStack(app, &name, &props)
}

// authorization returns how the API's methods authorize a caller.
func authorization(app awscdk.App) *apigw.MethodOptions {
	if open(app) {
		return &apigw.MethodOptions{AuthorizationType: apigw.AuthorizationType_NONE}
	}
	return &apigw.MethodOptions{AuthorizationType: apigw.AuthorizationType_IAM}
}

// requireTLS13 makes the API refuse connections with older versions of TLS, and requests whose
// Host is not the name of the TLS handshake. RestApiProps has no field for either.
func requireTLS13(rest apigw.RestApi) {
	api, ok := rest.Node().DefaultChild().(apigw.CfnRestApi)
	if !ok {
		panic("infra: the REST API has no resource of its own")
	}
	api.SetSecurityPolicy(jsii.String("SecurityPolicy_TLS13_1_3_2025_09"))
	api.SetEndpointAccessMode(jsii.String("STRICT"))
}
