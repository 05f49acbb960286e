package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/invochain/invochain/shared/deployment"
)

// lockAuditBucket lets the bucket of the audit log lock its objects. MiniStack's CloudFormation creates
// it without, whatever the template says.
func (s *stack) lockAuditBucket(ctx context.Context) error {
	if !s.emulator.forgetsObjectLock {
		return nil
	}
	outputs, err := s.outputs()
	if err != nil {
		return err
	}
	url, bucket := s.emulatorURL(), outputs[deployment.AuditBucket]
	client := s3.New(s3.Options{
		Region: region, BaseEndpoint: &url, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	_, err = client.PutObjectLockConfiguration(ctx, &s3.PutObjectLockConfigurationInput{
		Bucket:                  &bucket,
		ObjectLockConfiguration: &types.ObjectLockConfiguration{ObjectLockEnabled: types.ObjectLockEnabledEnabled},
	})
	return err
}
