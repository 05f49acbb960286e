// Package document signs issued documents for software that speaks JOSE (RFC 7515).
package document

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/go-jose/go-jose/v4"

	"github.com/invochain/invochain/shared/jws"
	"github.com/invochain/invochain/shared/problem"
)

// Type is the `typ` of a signed document. No token has it.
const Type = "invoice+jws"

// timeout bounds a call of KMS, which usually takes 10 ms.
const timeout = 3 * time.Second

// API is the subset of the KMS client that Signer uses.
type API interface {
	Sign(context.Context, *kms.SignInput, ...func(*kms.Options)) (*kms.SignOutput, error)
	GetPublicKey(context.Context, *kms.GetPublicKeyInput, ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error)
}

// Signer signs documents with a KMS key of their own. It remembers the key's public half, which never
// changes.
type Signer struct {
	client API
	key    string

	mu     sync.Mutex
	public *jose.JSONWebKey
}

// NewSigner returns a Signer with the KMS key of an ARN.
func NewSigner(client API, key string) *Signer { return &Signer{client: client, key: key} }

// Public returns the key that verifies documents. Error: *problem.Error of kind Unavailable.
func (s *Signer) Public(ctx context.Context) (jose.JSONWebKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.public != nil {
		return *s.public, nil
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out, err := s.client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &s.key})
	if err != nil {
		return jose.JSONWebKey{}, unavailable(fmt.Errorf("read the public half of the document key: %w", err))
	}
	public, err := jws.PublicKey(out.PublicKey)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	s.public = &public
	return public, nil
}

// Sign returns a document as compact JWS. Error: *problem.Error of kind Unavailable.
func (s *Signer) Sign(ctx context.Context, document []byte) (string, error) {
	public, err := s.Public(ctx)
	if err != nil {
		return "", err
	}
	return jws.Compact(ctx, Type, public.KeyID, document, s.sign)
}

func (s *Signer) sign(ctx context.Context, digest []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	out, err := s.client.Sign(ctx, &kms.SignInput{
		KeyId: &s.key, Message: digest, MessageType: types.MessageTypeDigest,
		SigningAlgorithm: types.SigningAlgorithmSpecEcdsaSha256,
	})
	if err != nil {
		return nil, unavailable(fmt.Errorf("sign a document: %w", err))
	}
	return jws.FromDER(out.Signature)
}

func unavailable(cause error) error {
	return &problem.Error{
		Kind: problem.Unavailable, Code: "temporarily_unavailable", Retryable: true, RetryAfter: time.Second, Cause: cause,
		Message: "documents cannot be signed now; send the same request again",
	}
}
