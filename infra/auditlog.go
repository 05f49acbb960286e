package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	iam "github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/shared/deployment"
)

// addAuditLog adds the key that signs the audit log and the bucket of what is signed. The key is never
// rotated: another key is another log. The bucket's objects choose how long Object Lock keeps them;
// of those that seal-audit replaces, former versions expire.
func (d *data) addAuditLog(retain bool) {
	d.auditKey = awskms.NewKey(d.Stack, jsii.String("AuditKey"), &awskms.KeyProps{
		Description: jsii.String("InvoChain: signs the audit log"),
		KeySpec:     awskms.KeySpec_ECC_NIST_P256, KeyUsage: awskms.KeyUsage_SIGN_VERIFY,
		RemovalPolicy: removal(retain),
	})
	d.auditBucket = awss3.NewBucket(d.Stack, jsii.String("AuditBucket"), &awss3.BucketProps{
		Versioned: jsii.Bool(true), ObjectLockEnabled: jsii.Bool(true), EnforceSSL: jsii.Bool(true),
		Encryption: awss3.BucketEncryption_S3_MANAGED, BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		LifecycleRules: &[]*awss3.LifecycleRule{{
			NoncurrentVersionExpiration: awscdk.Duration_Days(jsii.Number(7)),
		}},
		RemovalPolicy: removal(retain),
	})
	suppress(d.Stack, map[string]string{
		"AwsSolutions-S1": "One function writes to each bucket; CloudTrail records who reads.",
	})
	output(d.Stack, deployment.AuditBucket, d.auditBucket.BucketName())
	output(d.Stack, deployment.AuditKey, d.auditKey.KeyArn())
}

// connectAuditLog lets seal-audit sign the audit log every minute, and serve-api prove what is in it.
func (s *service) connectAuditLog(app awscdk.App) {
	seal, serve := s.functions[sealAudit], s.functions[serveAPI]
	origin := setting(app, "audit-origin", inCell(s.cell, "invochain-audit/"+*s.Account()+"/"+*s.Region()))
	output(s.Stack, deployment.AuditOrigin, &origin)
	output(s.Stack, deployment.SealFunction, s.live[sealAudit].FunctionName())
	for _, f := range []awslambda.Function{seal, serve} {
		f.AddEnvironment(jsii.String(deployment.AuditBucket), s.data.auditBucket.BucketName(), nil)
		f.AddEnvironment(jsii.String(deployment.AuditKey), s.data.auditKey.KeyArn(), nil)
		f.AddEnvironment(jsii.String(deployment.AuditOrigin), &origin, nil)
		allow(f, s.data.audit, "GetItem", "BatchGetItem", "Query")
		s.allowAuditObjects(f, "GetObject")
		s.allowAuditKey(f, "GetPublicKey")
		// Without it, S3 answers to the name of an object that does not exist as if it might.
		allowOn(f, *s.data.auditBucket.BucketArn(), "s3:ListBucket")
	}
	allowPartitions(seal, s.data.audit, []string{"CHECKPOINT"}, "PutItem")
	s.allowAuditObjects(seal, "PutObject", "PutObjectRetention")
	s.allowAuditKey(seal, "Sign")
	s.every(awscdk.Duration_Minutes(jsii.Number(1)), "SealEveryMinute", sealAudit)
}

func (s *service) allowAuditObjects(f awslambda.Function, names ...string) {
	for _, name := range names {
		allowOn(f, *s.data.auditBucket.BucketArn()+"/*", "s3:"+name)
	}
}

func (s *service) allowAuditKey(f awslambda.Function, name string) {
	allowOn(f, *s.data.auditKey.KeyArn(), "kms:"+name)
}

// allowOn lets a function do this with a resource.
func allowOn(f awslambda.Function, resource, action string) {
	f.AddToRolePolicy(iam.NewPolicyStatement(&iam.PolicyStatementProps{
		Actions: &[]*string{&action}, Resources: &[]*string{&resource},
	}))
}
