package export

import (
	"bytes"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Bucket keeps files in S3.
type Bucket struct {
	client *s3.Client
	signer *s3.PresignClient
	name   string
}

// NewBucket returns the bucket with a name.
func NewBucket(cfg aws.Config, name string) Bucket {
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = o.BaseEndpoint != nil // an emulator has no name for each bucket
	})
	return Bucket{client, s3.NewPresignClient(client), name}
}

// Put writes a file.
func (b Bucket) Put(ctx context.Context, name string, data []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: &name, Body: bytes.NewReader(data), ContentType: aws.String("application/gzip"),
	})
	if err != nil {
		return fmt.Errorf("write a file of an export: %w", err)
	}
	return nil
}

// URL returns an address of a file that anyone who has it can read for URLFor.
func (b Bucket) URL(ctx context.Context, name string) (string, error) {
	request, err := b.signer.PresignGetObject(ctx, &s3.GetObjectInput{
		Bucket: &b.name, Key: &name, ResponseCacheControl: aws.String("no-store"),
	}, s3.WithPresignExpires(URLFor))
	if err != nil {
		return "", fmt.Errorf("sign the address of a file: %w", err)
	}
	return request.URL, nil
}
