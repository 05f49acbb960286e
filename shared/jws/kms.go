package jws

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/go-jose/go-jose/v4"
)

var errSignature = errors.New("KMS returned no ES256 signature")

// FromDER converts the DER signature of KMS to r and s, 32 bytes each.
func FromDER(der []byte) ([]byte, error) {
	const size = 32
	var s struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &s)
	if err != nil || len(rest) > 0 || s.R.Sign() <= 0 || s.S.Sign() <= 0 ||
		s.R.BitLen() > 8*size || s.S.BitLen() > 8*size {
		return nil, errSignature
	}
	raw := make([]byte, 2*size)
	s.R.FillBytes(raw[:size])
	s.S.FillBytes(raw[size:])
	return raw, nil
}

// PublicKey returns the SubjectPublicKeyInfo of KMS as JWK, with its thumbprint as id (RFC 7638).
func PublicKey(spki []byte) (jose.JSONWebKey, error) {
	parsed, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("parse a public key: %w", err)
	}
	if key, ok := parsed.(*ecdsa.PublicKey); !ok || key.Curve != elliptic.P256() {
		return jose.JSONWebKey{}, fmt.Errorf("parse a public key: %T is not a P-256 key", parsed)
	}
	jwk := jose.JSONWebKey{Key: parsed, Algorithm: string(jose.ES256), Use: "sig"}
	thumbprint, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("name a public key: %w", err)
	}
	jwk.KeyID = encode(thumbprint)
	return jwk, nil
}
