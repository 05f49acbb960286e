package signing

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/go-jose/go-jose/v4"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/jws"
)

// The tag of the KMS keys that sign tokens; in a cell its value is token-CELL. Policies allow functions
// to use these keys alone.
const (
	TagKey   = "invochain-use"
	TagValue = "token"
)

// pendingDays is how long KMS keeps a key that is to be deleted: its minimum.
const pendingDays = 7

// API is the subset of the KMS client that KMS uses.
type API interface {
	Sign(context.Context, *kms.SignInput, ...func(*kms.Options)) (*kms.SignOutput, error)
	CreateKey(context.Context, *kms.CreateKeyInput, ...func(*kms.Options)) (*kms.CreateKeyOutput, error)
	GetPublicKey(context.Context, *kms.GetPublicKeyInput, ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error)
	ScheduleKeyDeletion(
		context.Context, *kms.ScheduleKeyDeletionInput, ...func(*kms.Options),
	) (*kms.ScheduleKeyDeletionOutput, error)
}

// KMS has the private halves of the keys.
type KMS struct {
	Client API
	Cell   string // in which keys are created; empty for the first
}

// Sign returns the signature of a SHA-256 digest as JWS wants it: r and s, 32 bytes each.
func (k KMS) Sign(ctx context.Context, key caller.Key, digest []byte) ([]byte, error) {
	out, err := k.Client.Sign(ctx, &kms.SignInput{
		KeyId: &key.KMSKey, Message: digest, MessageType: types.MessageTypeDigest,
		SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256,
	})
	if err != nil {
		return nil, fmt.Errorf("sign a token: %w", err)
	}
	return jws.FromDER(out.Signature)
}

// create makes a key and returns its KMS id with its public half.
func (k KMS) create(ctx context.Context) (id string, public jose.JSONWebKey, err error) {
	use := TagValue
	if k.Cell != "" {
		use += "-" + k.Cell
	}
	created, err := k.Client.CreateKey(ctx, &kms.CreateKeyInput{
		Description: aws.String("InvoChain: signs tokens"),
		KeySpec:     types.KeySpecEccNistP256, KeyUsage: types.KeyUsageTypeSignVerify,
		Tags: []types.Tag{{TagKey: aws.String(TagKey), TagValue: &use}},
	})
	if err != nil {
		return "", jose.JSONWebKey{}, fmt.Errorf("create a KMS key: %w", err)
	}
	id = aws.ToString(created.KeyMetadata.KeyId)
	out, err := k.Client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &id})
	if err != nil {
		return id, jose.JSONWebKey{}, fmt.Errorf("read the public half of KMS key %s: %w", id, err)
	}
	public, err = jws.PublicKey(out.PublicKey)
	return id, public, err
}

// remove schedules the deletion of a KMS key. It may be repeated.
func (k KMS) remove(ctx context.Context, id string) error {
	_, err := k.Client.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{
		KeyId: &id, PendingWindowInDays: aws.Int32(pendingDays),
	})
	if _, gone := errors.AsType[*types.NotFoundException](err); gone {
		return nil
	}
	if _, pending := errors.AsType[*types.KMSInvalidStateException](err); pending {
		return nil
	}
	return err
}
