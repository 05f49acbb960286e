package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	iam "github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
)

// newOperatorSecret returns the secret that holds the credential of the first operator. The value
// that is generated here is that of no client: the first rotation puts one that is. The secret has
// the key of the keys table, not the account's default key: who may read secrets in general cannot
// read this one, unless they may also use the key of what it gives access to.
func (d *data) newOperatorSecret(retain bool) awssecretsmanager.CfnSecret {
	secret := awssecretsmanager.NewCfnSecret(d.Stack, jsii.String("OperatorSecret"), &awssecretsmanager.CfnSecretProps{
		Description: jsii.String("InvoChain: client_id and client_secret of the first operator"),
		KmsKeyId:    d.keysKey.KeyArn(),
		GenerateSecretString: &awssecretsmanager.CfnSecret_GenerateSecretStringProperty{
			SecretStringTemplate: jsii.String(`{"client_id":""}`), GenerateStringKey: jsii.String("client_secret"),
		},
	})
	secret.ApplyRemovalPolicy(removal(retain), nil)
	suppress(d.Stack, map[string]string{
		"AwsSolutions-SMG4": "The protection stack has the rotation's schedule, which an emulator refuses.",
	})
	return secret
}

// rotateOperatorSecret lets a function rotate the operator's secret when Secrets Manager invokes it
// for that secret.
func (s *service) rotateOperatorSecret(rotate awslambda.Function) {
	secret := s.data.operator.AttrId()
	rotate.AddToRolePolicy(iam.NewPolicyStatement(&iam.PolicyStatementProps{
		Actions: jsii.Strings("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
			"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"),
		Resources: &[]*string{secret},
	}))
	s.allowKeysKey(rotate, "secretsmanager", "Decrypt", "GenerateDataKey")
	// The deployed protection stack imports it until it names the alias.
	s.ExportValue(rotate.FunctionArn(), nil)
	s.live[rotateKeys].AddPermission(jsii.String("RotateOperatorSecret"), &awslambda.Permission{
		Principal: iam.NewServicePrincipal(jsii.String("secretsmanager.amazonaws.com"), nil),
		SourceArn: secret, SourceAccount: s.Account(),
	})
}

// rotateMonthly rotates a secret now and then every 30 days.
func rotateMonthly(stack awscdk.Stack, secret awssecretsmanager.CfnSecret, rotate awslambda.Alias) {
	awssecretsmanager.NewCfnRotationSchedule(stack, jsii.String("RotateOperatorSecret"),
		&awssecretsmanager.CfnRotationScheduleProps{
			SecretId: secret.AttrId(), RotationLambdaArn: rotate.FunctionArn(), RotateImmediatelyOnUpdate: true,
			RotationRules: &awssecretsmanager.CfnRotationSchedule_RotationRulesProperty{
				AutomaticallyAfterDays: jsii.Number(30),
			},
		})
}
