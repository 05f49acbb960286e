package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	ddb "github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	targets "github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	iam "github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/shared/deployment"
)

// encryptKeys encrypts the keys table with a KMS key of its own, so that an administrator of
// other tables cannot read it. TableV2 itself would tie the stack to a region.
func (d *data) encryptKeys(retain bool) {
	d.keysKey = awskms.NewKey(d.Stack, jsii.String("KeysTableKey"), &awskms.KeyProps{
		Description:       jsii.String("InvoChain: encrypts the keys table"),
		EnableKeyRotation: jsii.Bool(true), RemovalPolicy: removal(retain),
	})
	table, ok := d.keys.Node().DefaultChild().(ddb.CfnGlobalTable)
	if !ok {
		panic("infra: a TableV2 is no global table")
	}
	table.AddPropertyOverride(jsii.String("Replicas.0.SSESpecification"), map[string]any{
		"KMSMasterKeyId": d.keysKey.KeyId(),
	})
}

// allowVerification lets a function verify the tokens of an issuer, and limit its callers.
func (s *service) allowVerification(f awslambda.Function, issuer string) {
	f.AddEnvironment(jsii.String(deployment.KeysTable), s.data.keys.TableName(), nil)
	f.AddEnvironment(jsii.String(deployment.Issuer), &issuer, nil)
	f.AddEnvironment(jsii.String(deployment.LimitsTable), s.data.limits.TableName(), nil)
	allow(f, s.data.keys, "Query")
	allow(f, s.data.limits, "UpdateItem")
	s.allowKeysKey(f, "dynamodb", "Decrypt", "DescribeKey")
}

// connectPrivacy lets create-invoice seal the contacts of buyers, serve-api open them, and manage-privacy
// erase and export them.
func (s *service) connectPrivacy() {
	create, serve, erase := s.functions[createInvoice], s.functions[serveAPI], s.functions[managePrivacy]
	s.allowBuyers(create, []string{"SUBJECT#*", "PRIVACY"}, "GetItem", "BatchGetItem", "PutItem")
	s.allowKeysKey(create, "dynamodb", "Encrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey")
	s.allowBuyers(serve, []string{"SUBJECT#*"}, "BatchGetItem")
	s.allowBuyers(erase, []string{"SUBJECT#*", "PRIVACY", "ERASURES#*", "HOLDS#*", "PENDING", "EXPORTS#*"},
		"GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem")
	s.allowExports(erase)
	s.finishErasures()
	s.allowKeysKey(erase, "dynamodb", "Encrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey")
}

// finishErasures lets manage-privacy finish erasures that are due, every hour, and recover-sagas count those
// that are overdue.
func (s *service) finishErasures() {
	s.every(awscdk.Duration_Hours(jsii.Number(1)), "FinishErasuresHourly", managePrivacy)
	measure := s.functions[recoverSagas]
	measure.AddEnvironment(jsii.String(deployment.KeysTable), s.data.keys.TableName(), nil)
	s.allowBuyers(measure, []string{"PENDING"}, "Query")
	s.allowKeysKey(measure, "dynamodb", "Decrypt", "DescribeKey")
}

// allowBuyers lets a function call actions on the items of the keys table with these partition keys, so
// not on the keys that sign tokens, nor on clients. Reading needs allowVerification too.
func (s *service) allowBuyers(f awslambda.Function, partitions []string, actions ...string) {
	allowPartitions(f, s.data.keys, partitions, actions...)
}

// connectIdentity lets issue-token sign with the keys that rotate-keys makes once a day.
func (s *service) connectIdentity(app awscdk.App) {
	issue, rotate := s.functions[issueToken], s.functions[rotateKeys]
	issuer := setting(app, "issuer", *s.api.address())
	for _, name := range []string{createInvoice, reserveInventory, serveAPI, issueToken, managePrivacy} {
		s.allowVerification(s.functions[name], issuer)
	}
	rotate.AddEnvironment(jsii.String(deployment.KeysTable), s.data.keys.TableName(), nil)
	issue.AddEnvironment(jsii.String(deployment.Mode), jsii.String(setting(app, "mode", "live")), nil)
	output(s.Stack, deployment.Issuer, &issuer)
	output(s.Stack, deployment.RotateFunction, s.live[rotateKeys].FunctionName())
	allow(issue, s.data.keys, "GetItem", "PutItem", "UpdateItem")
	allow(issue, s.data.platform, "GetItem")
	allow(rotate, s.data.keys, "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")
	for _, f := range []awslambda.Function{issue, rotate} {
		s.allowKeysKey(f, "dynamodb", "Encrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey")
	}
	s.allowKeysKey(rotate, "dynamodb", "Decrypt", "DescribeKey")
	s.allowTokenKeys(issue, "Sign")
	s.allowTokenKeys(rotate, "GetPublicKey", "ScheduleKeyDeletion", "TagResource")
	s.allowCreateKey(rotate)
	s.rotateOperatorSecret(rotate)
	awsevents.NewRule(s.Stack, jsii.String("RotateKeysDaily"), &awsevents.RuleProps{
		Schedule: awsevents.Schedule_Rate(awscdk.Duration_Days(jsii.Number(1))),
		Targets:  &[]awsevents.IRuleTarget{targets.NewLambdaFunction(s.live[rotateKeys], nil)},
	})
}

// allowKeysKey lets a function use the key of the keys table, through one service alone.
func (s *service) allowKeysKey(f awslambda.Function, service string, actions ...string) {
	via := fmt.Sprintf("%s.%s.amazonaws.com", service, *s.Region())
	f.AddToRolePolicy(iam.NewPolicyStatement(&iam.PolicyStatementProps{
		Actions: kmsActions(actions...), Resources: &[]*string{s.data.keysKey.KeyArn()},
		Conditions: equals("kms:ViaService", via),
	}))
}

// The tag of the KMS keys that sign tokens; package signing creates keys with it.
// Cells do not use each other's.
const signingTag, signingUse = "invochain-use", "token"

// allowTokenKeys lets a function do this with the keys that sign tokens, which it finds by
// their records.
func (s *service) allowTokenKeys(f awslambda.Function, actions ...string) {
	keys := s.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("kms"), Resource: jsii.String("key"), ResourceName: jsii.String("*"),
	})
	f.AddToRolePolicy(iam.NewPolicyStatement(&iam.PolicyStatementProps{
		Actions: kmsActions(actions...), Resources: &[]*string{keys},
		Conditions: equals("aws:ResourceTag/"+signingTag, inCell(s.cell, signingUse)),
	}))
}

// allowCreateKey lets a function create keys that sign tokens, and no others.
func (s *service) allowCreateKey(f awslambda.Function) {
	conditions := *equals("aws:RequestTag/"+signingTag, inCell(s.cell, signingUse))
	conditions["ForAllValues:StringEquals"] = map[string]any{"aws:TagKeys": []string{signingTag}}
	f.AddToRolePolicy(iam.NewPolicyStatement(&iam.PolicyStatementProps{
		Actions: kmsActions("CreateKey"), Resources: jsii.Strings("*"), Conditions: &conditions,
	}))
}

func kmsActions(names ...string) *[]*string {
	var actions []*string
	for _, name := range names {
		actions = append(actions, jsii.String("kms:"+name))
	}
	return &actions
}

func equals(key, value string) *map[string]any {
	return &map[string]any{"StringEquals": map[string]any{key: value}}
}
