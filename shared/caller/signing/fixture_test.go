package signing_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/signing"
)

const (
	issuer   = "https://api.test/v1"
	audience = "invochain"
)

// fixture is a KMS, a keys table and a clock in memory. It can refuse calls.
type fixture struct {
	now     time.Time
	private map[string]*ecdsa.PrivateKey // by KMS id
	deleted map[string]bool              // KMS keys that are pending deletion
	keys    map[string]caller.Key
	made    int
	tag     string // of the last KMS key that was created
	refuse  func(call string) bool
}

func setup() *fixture {
	return &fixture{
		now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), private: map[string]*ecdsa.PrivateKey{},
		deleted: map[string]bool{}, keys: map[string]caller.Key{}, refuse: func(string) bool { return false },
	}
}

var errAway = errors.New("away")

func (f *fixture) clock() time.Time { return f.now }

func (f *fixture) rotator() signing.Rotator {
	return signing.Rotator{Keys: f, KMS: signing.KMS{Client: f}, Now: f.clock}
}

func (f *fixture) issuer() signing.Issuer {
	return signing.Issuer{
		Issuer: issuer, Audience: audience, Known: f.Known, Sign: signing.KMS{Client: f}.Sign, Now: f.clock,
	}
}

func (f *fixture) verifier() *caller.Verifier {
	return caller.NewVerifier(caller.Config{Issuer: issuer, Audience: audience, Load: f.Known, Now: f.clock})
}

func clerk() caller.Client {
	return caller.Client{ID: "cl_1", Merchant: "merchant-123", Role: caller.Clerk}
}

func (f *fixture) Known(context.Context) (caller.Known, error) {
	return caller.Known{Keys: slices.Collect(maps.Values(f.keys))}, nil
}

func (f *fixture) AddKey(_ context.Context, k caller.Key) error {
	if f.refuse("AddKey") {
		return errAway
	}
	f.keys[k.ID] = k
	return nil
}

func (f *fixture) RemoveKey(_ context.Context, id string) error {
	if f.refuse("RemoveKey") {
		return errAway
	}
	delete(f.keys, id)
	return nil
}

func (f *fixture) CreateKey(
	_ context.Context, in *kms.CreateKeyInput, _ ...func(*kms.Options),
) (*kms.CreateKeyOutput, error) {
	f.tag = *in.Tags[0].TagKey + "=" + *in.Tags[0].TagValue
	if f.refuse("CreateKey") {
		return nil, errAway
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	f.made++
	id := fmt.Sprintf("kms-%d", f.made)
	f.private[id] = private
	return &kms.CreateKeyOutput{KeyMetadata: &types.KeyMetadata{KeyId: &id}}, err
}

func (f *fixture) GetPublicKey(
	_ context.Context, in *kms.GetPublicKeyInput, _ ...func(*kms.Options),
) (*kms.GetPublicKeyOutput, error) {
	spki, err := x509.MarshalPKIXPublicKey(&f.private[*in.KeyId].PublicKey)
	return &kms.GetPublicKeyOutput{PublicKey: spki}, err
}

func (f *fixture) ScheduleKeyDeletion(
	_ context.Context, in *kms.ScheduleKeyDeletionInput, _ ...func(*kms.Options),
) (*kms.ScheduleKeyDeletionOutput, error) {
	if f.refuse("ScheduleKeyDeletion") {
		return nil, errAway
	}
	if f.deleted[*in.KeyId] {
		return nil, &types.KMSInvalidStateException{}
	}
	f.deleted[*in.KeyId] = true
	return &kms.ScheduleKeyDeletionOutput{}, nil
}

func (f *fixture) Sign(_ context.Context, in *kms.SignInput, _ ...func(*kms.Options)) (*kms.SignOutput, error) {
	if f.deleted[*in.KeyId] {
		return nil, &types.KMSInvalidStateException{}
	}
	der, err := ecdsa.SignASN1(rand.Reader, f.private[*in.KeyId], in.Message)
	return &kms.SignOutput{Signature: der}, err
}
