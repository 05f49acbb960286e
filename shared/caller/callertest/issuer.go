package callertest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/signing"
)

// NewKey returns a key that signs from a time on, and its private half, which KMS would have.
func NewKey(tb testing.TB, from time.Time) (caller.Key, *ecdsa.PrivateKey) {
	tb.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(tb, err)
	jwk := jose.JSONWebKey{Key: &private.PublicKey, Algorithm: "ES256", Use: "sig"}
	thumbprint, err := jwk.Thumbprint(crypto.SHA256)
	require.NoError(tb, err)
	jwk.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	return caller.NewKey(jwk.KeyID, "kms", jwk, from), private
}

// Sign signs a digest as KMS does for an issuer: r and s.
func Sign(private *ecdsa.PrivateKey, digest []byte) ([]byte, error) {
	der, err := ecdsa.SignASN1(rand.Reader, private, digest)
	if err != nil {
		return nil, err
	}
	var s struct{ R, S *big.Int }
	_, err = asn1.Unmarshal(der, &s)
	return append(s.R.FillBytes(make([]byte, 32)), s.S.FillBytes(make([]byte, 32))...), err
}

// NewIssuer adds a key to a store and returns an issuer of tokens that it signs.
func NewIssuer(tb testing.TB, s *caller.Store, issuer string, now func() time.Time) signing.Issuer {
	tb.Helper()
	key, private := NewKey(tb, now())
	require.NoError(tb, s.AddKey(tb.Context(), key))
	return signing.Issuer{
		Issuer: issuer, Audience: caller.Audience, Known: s.Known, Now: now,
		Sign: func(_ context.Context, _ caller.Key, digest []byte) ([]byte, error) { return Sign(private, digest) },
	}
}
