// Package jws makes JSON Web Signatures with ES256 keys whose private halves KMS has. It does not link
// the KMS client: the caller passes in how a digest is signed.
package jws

import (
	"context"
	"crypto/sha256"
	"encoding/base64"

	"github.com/go-jose/go-jose/v4"

	"github.com/invochain/invochain/shared/strictjson"
)

// Sign returns the signature of a SHA-256 digest: r and s, 32 bytes each (RFC 7518, section 3.4).
type Sign func(ctx context.Context, digest []byte) ([]byte, error)

// header is the protected header.
type header struct {
	Algorithm jose.SignatureAlgorithm `json:"alg"`
	Type      string                  `json:"typ"`
	KeyID     string                  `json:"kid"`
}

// Compact returns a JWS in compact serialization (RFC 7515, section 7.1). A verifier checks typ, so
// that a signature of one use is none of another. Error: that of sign.
func Compact(ctx context.Context, typ, keyID string, payload []byte, sign Sign) (string, error) {
	protected, err := strictjson.Marshal(header{jose.ES256, typ, keyID})
	if err != nil {
		return "", err
	}
	input := encode(protected) + "." + encode(payload)
	digest := sha256.Sum256([]byte(input))
	signature, err := sign(ctx, digest[:])
	if err != nil {
		return "", err
	}
	return input + "." + encode(signature), nil
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
