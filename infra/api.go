package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	apigw "github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// api is the REST API. What it refuses by itself is a problem document too.
type api struct {
	apigw.RestApi
}

// accessLog says who was served how, with no path parameter, query or address.
const accessLog = `{"requestId":"$context.requestId","route":"$context.resourcePath","method":"$context.httpMethod",` +
	`"status":"$context.status","latency":"$context.responseLatency","integration":"$context.integrationLatency"}`

func newAPI(s *service) *api {
	s.live = awslambda.NewAlias(s.Stack, jsii.String("CreateInvoiceLive"), &awslambda.AliasProps{
		AliasName: jsii.String("live"), Version: s.functions[createInvoice].CurrentVersion(),
	})
	logs := awslogs.NewLogGroup(s.Stack, jsii.String("ApiLogs"), &awslogs.LogGroupProps{
		Retention: awslogs.RetentionDays_ONE_MONTH, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	rest := apigw.NewRestApi(s.Stack, jsii.String("Api"), &apigw.RestApiProps{
		RestApiName: jsii.String("invochain"), CloudWatchRole: jsii.Bool(true),
		CloudWatchRoleRemovalPolicy: awscdk.RemovalPolicy_DESTROY,
		EndpointTypes:               &[]apigw.EndpointType{apigw.EndpointType_REGIONAL},
		DeployOptions: &apigw.StageOptions{
			StageName: jsii.String("v1"), TracingEnabled: jsii.Bool(true), MetricsEnabled: jsii.Bool(true),
			LoggingLevel:         apigw.MethodLoggingLevel_ERROR,
			ThrottlingRateLimit:  jsii.Number(500),
			ThrottlingBurstLimit: jsii.Number(1000),
			AccessLogDestination: apigw.NewLogGroupLogDestination(logs),
			AccessLogFormat:      apigw.AccessLogFormat_Custom(jsii.String(accessLog)),
		},
	})
	output(s.Stack, "ApiId", rest.RestApiId())
	a := &api{rest}
	a.routes(s)
	a.problems()
	return a
}

// routes: what a saga's step serves goes to it, everything else to serve-api, which
// answers unknown routes and wrong methods in the API's own words.
func (a *api) routes(s *service) {
	create := apigw.NewLambdaIntegration(s.live, nil)
	stock := apigw.NewLambdaIntegration(s.functions[reserveInventory], nil)
	rest := apigw.NewLambdaIntegration(s.functions[serveAPI], nil)
	invoices := a.Root().AddResource(jsii.String("invoices"), nil)
	invoices.AddMethod(jsii.String("POST"), create, nil)
	invoices.AddMethod(jsii.String("ANY"), rest, nil)
	invoices.AddResource(jsii.String("{proxy+}"), nil).AddMethod(jsii.String("ANY"), rest, nil)
	inventory := a.Root().AddResource(jsii.String("inventory"), nil)
	inventory.AddMethod(jsii.String("ANY"), rest, nil)
	sku := inventory.AddResource(jsii.String("{sku}"), nil)
	sku.AddMethod(jsii.String("GET"), stock, nil)
	sku.AddMethod(jsii.String("PUT"), stock, nil)
	sku.AddMethod(jsii.String("ANY"), rest, nil)
	sku.AddResource(jsii.String("{proxy+}"), nil).AddMethod(jsii.String("ANY"), rest, nil)
	a.Root().AddMethod(jsii.String("ANY"), rest, nil)
	a.Root().AddResource(jsii.String("{proxy+}"), nil).AddMethod(jsii.String("ANY"), rest, nil)
}

// problems are the gateway's own refusals, as problem documents.
func (a *api) problems() {
	for id, p := range map[string]struct {
		kind      apigw.ResponseType
		code      string
		retryable string
		after     map[string]*string // headers
	}{
		"Throttled": {apigw.ResponseType_THROTTLED(), "throttled", "true", retryAfter("1")},
		"TooLarge":  {apigw.ResponseType_REQUEST_TOO_LARGE(), "body_too_large", "false", nil},
		"Timeout":   {apigw.ResponseType_INTEGRATION_TIMEOUT(), "timeout", "true", retryAfter("1")},
		"Failure":   {apigw.ResponseType_INTEGRATION_FAILURE(), "temporarily_unavailable", "true", retryAfter("1")},
		"Default4":  {apigw.ResponseType_DEFAULT_4XX(), "refused_by_gateway", "false", nil},
		"Default5":  {apigw.ResponseType_DEFAULT_5XX(), "internal", "true", nil},
	} {
		a.AddGatewayResponse(jsii.String(id), &apigw.GatewayResponseOptions{
			Type: p.kind, ResponseHeaders: &p.after,
			Templates: &map[string]*string{"application/problem+json": jsii.String(`{"type":"urn:invochain:problem:` + p.code +
				`","title":$context.error.messageString,"code":"` + p.code +
				`","detail":"refused before it reached the service","request_id":"$context.requestId","retryable":` + p.retryable + `}`)},
		})
	}
}

// retryAfter is a header's value, which API Gateway wants in quotes.
func retryAfter(seconds string) map[string]*string {
	return map[string]*string{"Retry-After": jsii.String("'" + seconds + "'")}
}
