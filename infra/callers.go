package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	apigw "github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"
)

// emulatorAccount is the account that emulators answer for. No AWS account has this number.
const emulatorAccount = "000000000000"

// Who may call the API, by the setting `callers`: by default principals of the account that may
// invoke it (execute-api:Invoke). API Gateway takes their signature from the header in which a
// caller would send its access token. So a deployment that serves merchants lets every request
// through to the functions, each of which demands a token.
const (
	callersIAM    = "iam"
	callersTokens = "tokens"
	callersLocal  = "local" // as tokens, on an emulator alone
)

func callers(app awscdk.App) string {
	who := setting(app, "callers", callersIAM)
	if who != callersIAM && who != callersTokens && who != callersLocal {
		panic("infra: callers must be iam, tokens or local")
	}
	return who
}

// newStack returns the stack InvoChain-NAME, in a cell InvoChain-CELL-NAME, for the account and region
// of the credentials in use. The stacks for local callers are for an emulator's account: with
// credentials of another account the CDK refuses to deploy them.
func newStack(app awscdk.App, name, description string) awscdk.Stack {
	props := awscdk.StackProps{Description: &description}
	if callers(app) == callersLocal {
		props.Env = &awscdk.Environment{Account: jsii.String(emulatorAccount)}
	}
	id := inCell(cellOf(app), "InvoChain") + "-" + name
	return awscdk.NewStack(app, &id, &props)
}

// authorization returns how the API's methods authorize a caller.
func authorization(app awscdk.App) *apigw.MethodOptions {
	if callers(app) != callersIAM {
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
