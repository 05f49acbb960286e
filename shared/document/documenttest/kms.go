// Package documenttest has a KMS in memory with one key, for tests.
package documenttest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"

	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// KMS implements document.API. It counts its calls, and fails them with Err if that is set.
type KMS struct {
	Private     *ecdsa.PrivateKey
	Reads, Used int
	Err         error
}

// New returns a KMS with a new key.
func New() (*KMS, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return &KMS{Private: private}, err
}

// GetPublicKey returns the key's public half.
func (k *KMS) GetPublicKey(
	context.Context, *kms.GetPublicKeyInput, ...func(*kms.Options),
) (*kms.GetPublicKeyOutput, error) {
	k.Reads++
	if k.Err != nil {
		return nil, k.Err
	}
	spki, err := x509.MarshalPKIXPublicKey(&k.Private.PublicKey)
	return &kms.GetPublicKeyOutput{PublicKey: spki}, err
}

// Sign signs a digest.
func (k *KMS) Sign(_ context.Context, in *kms.SignInput, _ ...func(*kms.Options)) (*kms.SignOutput, error) {
	k.Used++
	if k.Err != nil {
		return nil, k.Err
	}
	der, err := ecdsa.SignASN1(rand.Reader, k.Private, in.Message)
	return &kms.SignOutput{Signature: der}, err
}
