package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/invochain/invochain/shared/deployment"
)

// newExportBucket returns the bucket of the files of exports. S3 deletes a file at the midnight (UTC)
// after its days: no later than the 7 days that an erasure names.
func (d *data) newExportBucket(retain bool) awss3.Bucket {
	const keptFor = 6 // days
	bucket := awss3.NewBucket(d.Stack, jsii.String("ExportBucket"), &awss3.BucketProps{
		EnforceSSL: jsii.Bool(true), Encryption: awss3.BucketEncryption_S3_MANAGED,
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		LifecycleRules:    &[]*awss3.LifecycleRule{{Expiration: awscdk.Duration_Days(jsii.Number(keptFor))}},
		RemovalPolicy:     removal(retain),
	})
	output(d.Stack, deployment.ExportBucket, bucket.BucketName())
	return bucket
}

// allowExports lets a function write the files of exports, and sign addresses that read them.
func (s *service) allowExports(f awslambda.Function) {
	f.AddEnvironment(jsii.String(deployment.ExportBucket), s.data.exports.BucketName(), nil)
	for _, action := range []string{"s3:PutObject", "s3:GetObject"} {
		allowOn(f, *s.data.exports.BucketArn()+"/*", action)
	}
}
