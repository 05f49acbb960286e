package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	iam "github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/shared/deployment"
)

// newDocumentKey returns the key that signs documents, and nothing else. KMS does not rotate keys that
// sign; what this one signed is verified for as long as the key is there.
func (d *data) newDocumentKey(retain bool) awskms.Key {
	key := awskms.NewKey(d.Stack, jsii.String("DocumentKey"), &awskms.KeyProps{
		Description: jsii.String("InvoChain: signs documents"),
		KeySpec:     awskms.KeySpec_ECC_NIST_P256, KeyUsage: awskms.KeyUsage_SIGN_VERIFY,
		RemovalPolicy: removal(retain),
	})
	awscdk.Tags_Of(key).Add(jsii.String(signingTag), jsii.String("document"), nil)
	return key
}

// allowDocumentKey lets a function sign documents.
func (s *service) allowDocumentKey(f awslambda.Function) {
	key := s.data.documentKey.KeyArn()
	f.AddEnvironment(jsii.String(deployment.DocumentKey), key, nil)
	f.AddToRolePolicy(iam.NewPolicyStatement(&iam.PolicyStatementProps{
		Actions: kmsActions("Sign", "GetPublicKey"), Resources: &[]*string{key},
	}))
}
