package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// S3 is the subset of the S3 client that Bucket uses.
type S3 interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

// Bucket keeps objects in S3. Final ones are under Object Lock in compliance mode: no one, not even
// the account's root user, can delete or change them before KeepUntil.
type Bucket struct {
	S3   S3
	Name string
	// KeepUntil returns until when an object that is final now is kept.
	KeepUntil func() time.Time
}

// Get implements Objects.
func (b Bucket) Get(ctx context.Context, name string) ([]byte, error) {
	out, err := b.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.Name, Key: &name})
	if _, absent := errors.AsType[*types.NoSuchKey](err); absent {
		return nil, fmt.Errorf("read %s: %w", name, ErrNoObject)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	defer func() { _ = out.Body.Close() }()
	return io.ReadAll(out.Body)
}

// Put implements Objects.
func (b Bucket) Put(ctx context.Context, name string, data []byte) error {
	return b.put(ctx, &s3.PutObjectInput{Bucket: &b.Name, Key: &name, Body: bytes.NewReader(data)})
}

// PutFinal implements Objects.
func (b Bucket) PutFinal(ctx context.Context, name string, data []byte) error {
	err := b.put(ctx, &s3.PutObjectInput{
		Bucket: &b.Name, Key: &name, Body: bytes.NewReader(data), IfNoneMatch: aws.String("*"),
		ObjectLockMode: types.ObjectLockModeCompliance, ObjectLockRetainUntilDate: aws.Time(b.KeepUntil()),
	})
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "PreconditionFailed" {
		return nil
	}
	return err
}

func (b Bucket) put(ctx context.Context, in *s3.PutObjectInput) error {
	if _, err := b.S3.PutObject(ctx, in); err != nil {
		return fmt.Errorf("write %s: %w", *in.Key, err)
	}
	return nil
}
