package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	apigw "github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/infra/dashboards/panel"
	"github.com/invochain/invochain/shared/deployment"
)

// api is the REST API. The gateway's own error responses are problem documents too.
type api struct {
	apigw.RestApi
}

// stageName is the first segment of each path at API Gateway.
const stageName = "v1"

// accessLog is the format of the access log. It has no path parameter, query or IP address.
const accessLog = `{"requestId":"$context.requestId","route":"$context.resourcePath","method":"$context.httpMethod",` +
	`"status":"$context.status","latency":"$context.responseLatency","integration":"$context.integrationLatency"}`

func newAPI(s *service, authorization *apigw.MethodOptions) *api {
	logs := awslogs.NewLogGroup(s.Stack, jsii.String("ApiLogs"), &awslogs.LogGroupProps{
		Retention: awslogs.RetentionDays_ONE_MONTH, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	rest := apigw.NewRestApi(s.Stack, jsii.String("Api"), &apigw.RestApiProps{
		RestApiName: jsii.String(inCell(s.cell, panel.API)), CloudWatchRole: jsii.Bool(true),
		// The account has one role for the logs of all its APIs, also those of other cells.
		CloudWatchRoleRemovalPolicy: awscdk.RemovalPolicy_RETAIN,
		EndpointTypes:               &[]apigw.EndpointType{apigw.EndpointType_REGIONAL},
		DefaultMethodOptions:        authorization,
		DeployOptions: &apigw.StageOptions{
			StageName: jsii.String(stageName), TracingEnabled: jsii.Bool(true), MetricsEnabled: jsii.Bool(true),
			LoggingLevel:         apigw.MethodLoggingLevel_ERROR,
			ThrottlingRateLimit:  jsii.Number(500),
			ThrottlingBurstLimit: jsii.Number(1000),
			AccessLogDestination: apigw.NewLogGroupLogDestination(logs),
			AccessLogFormat:      apigw.AccessLogFormat_Custom(jsii.String(accessLog)),
		},
	})
	requireTLS13(rest)
	output(s.Stack, deployment.APIID, rest.RestApiId())
	a := &api{rest}
	a.addRoutes(s)
	a.addProblems()
	return a
}

// addRoutes routes the issue and cancellation of invoices, stock, tokens and privacy to the functions
// that own them, and everything else to serve-api. That includes unknown routes and methods, so that
// these get the API's own error responses.
func (a *api) addRoutes(s *service) {
	create := apigw.NewLambdaIntegration(s.live[createInvoice], nil)
	tokens := apigw.NewLambdaIntegration(s.live[issueToken], nil)
	stock := apigw.NewLambdaIntegration(s.live[reserveInventory], nil)
	rest := apigw.NewLambdaIntegration(s.live[serveAPI], nil)
	invoices := a.Root().AddResource(jsii.String("invoices"), nil)
	invoices.AddMethod(jsii.String("POST"), create, nil)
	invoices.AddMethod(jsii.String("ANY"), rest, nil)
	invoice := invoices.AddResource(jsii.String("{id}"), nil)
	invoice.AddMethod(jsii.String("ANY"), rest, nil)
	invoice.AddResource(jsii.String("{proxy+}"), nil).AddMethod(jsii.String("ANY"), rest, nil)
	cancellation := invoice.AddResource(jsii.String("cancellation"), nil)
	cancellation.AddMethod(jsii.String("POST"), create, nil)
	cancellation.AddMethod(jsii.String("ANY"), rest, nil)
	cancellation.AddResource(jsii.String("{proxy+}"), nil).AddMethod(jsii.String("ANY"), rest, nil)
	inventory := a.Root().AddResource(jsii.String("inventory"), nil)
	sku := inventory.AddResource(jsii.String("{sku}"), nil)
	for _, served := range []apigw.IResource{inventory, sku} {
		served.AddMethod(jsii.String("GET"), stock, nil)
		served.AddMethod(jsii.String("HEAD"), stock, nil)
		served.AddMethod(jsii.String("ANY"), rest, nil)
	}
	sku.AddMethod(jsii.String("PUT"), stock, nil)
	sku.AddResource(jsii.String("{proxy+}"), nil).AddMethod(jsii.String("ANY"), rest, nil)
	movements := sku.AddResource(jsii.String("movements"), nil)
	movements.AddMethod(jsii.String("POST"), stock, nil)
	movements.AddMethod(jsii.String("ANY"), rest, nil)
	movements.AddResource(jsii.String("{proxy+}"), nil).AddMethod(jsii.String("ANY"), rest, nil)
	clients := a.Root().AddResource(jsii.String("clients"), nil)
	clients.AddMethod(jsii.String("ANY"), tokens, nil)
	clients.AddResource(jsii.String("{proxy+}"), nil).AddMethod(jsii.String("ANY"), tokens, nil)
	privacy := apigw.NewLambdaIntegration(s.live[managePrivacy], nil)
	for _, served := range []string{"erasures", "holds", "subjects"} {
		folder := a.Root().AddResource(jsii.String(served), nil)
		folder.AddMethod(jsii.String("ANY"), privacy, nil)
		folder.AddResource(jsii.String("{proxy+}"), nil).AddMethod(jsii.String("ANY"), privacy, nil)
	}
	wellKnown := a.Root().AddResource(jsii.String(".well-known"), nil)
	wellKnown.AddResource(jsii.String("document-keys.json"), nil).AddMethod(jsii.String("ANY"), rest, nil)
	for _, folder := range []apigw.IResource{a.Root().AddResource(jsii.String("oauth"), nil), wellKnown} {
		folder.AddResource(jsii.String("{proxy+}"), nil).AddMethod(jsii.String("ANY"), tokens, nil)
	}
	a.Root().AddMethod(jsii.String("ANY"), rest, nil)
	a.Root().AddResource(jsii.String("{proxy+}"), nil).AddMethod(jsii.String("ANY"), rest, nil)
}

// address returns the URL under which AWS serves the API.
func (a *api) address() *string {
	stack := a.Stack()
	return jsii.String(fmt.Sprintf("https://%s.execute-api.%s.%s/%s",
		*a.RestApiId(), *stack.Region(), *stack.UrlSuffix(), stageName))
}

// addProblems makes the gateway's own error responses problem documents. Those for all other
// errors have no status, because the gateway has no variable of it.
func (a *api) addProblems() {
	soon := map[string]*string{"Retry-After": jsii.String("'1'")} // seconds; API Gateway requires the quotes
	for id, p := range map[string]struct {
		kind      apigw.ResponseType
		status    string
		code      string
		detail    string
		retryable string
		headers   map[string]*string
	}{
		"Throttled": {apigw.ResponseType_THROTTLED(), "429", "throttled", "too many requests", "true", soon},
		"Quota":     {apigw.ResponseType_QUOTA_EXCEEDED(), "429", "throttled", "the quota is used up", "true", nil},
		"Firewall": {
			apigw.ResponseType_WAF_FILTERED(), "403", "refused_by_gateway",
			"the firewall rejected the request: its path, query or headers look like an attack", "false", nil,
		},
		"TooLarge": {
			apigw.ResponseType_REQUEST_TOO_LARGE(), "413", "body_too_large", "the body is too large", "false", nil,
		},
		"Timeout": {
			apigw.ResponseType_INTEGRATION_TIMEOUT(), "504", "timeout", "the service did not answer in time", "true", soon,
		},
		"Failure": {
			apigw.ResponseType_INTEGRATION_FAILURE(), "503", "temporarily_unavailable",
			"the service is not available", "true", soon,
		},
		"Default4": {
			apigw.ResponseType_DEFAULT_4XX(), "", "refused_by_gateway", "the gateway rejected the request", "false", nil,
		},
		"Default5": {apigw.ResponseType_DEFAULT_5XX(), "", "internal", "the gateway failed", "true", nil},
	} {
		options := &apigw.GatewayResponseOptions{Type: p.kind, ResponseHeaders: &p.headers}
		status := ""
		if p.status != "" {
			options.StatusCode, status = &p.status, `"status":`+p.status+`,`
		}
		document := `{"type":"urn:invochain:problem:` + p.code + `","title":$context.error.messageString,` + status +
			`"code":"` + p.code + `","detail":"` + p.detail +
			`","request_id":"$context.requestId","retryable":` + p.retryable + `}`
		options.Templates = &map[string]*string{"application/problem+json": jsii.String(document)}
		a.AddGatewayResponse(jsii.String(id), options)
	}
}
