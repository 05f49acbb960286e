package jws_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/jws"
)

func TestCompact(t *testing.T) {
	t.Parallel()
	var digest []byte
	sign := func(_ context.Context, d []byte) ([]byte, error) {
		digest = d
		return make([]byte, 64), nil
	}
	got, err := jws.Compact(t.Context(), "x+jws", "k", []byte("payload"), sign)
	require.NoError(t, err)
	part := strings.Split(got, ".")
	require.Len(t, part, 3)
	header, err := base64.RawURLEncoding.DecodeString(part[0])
	require.NoError(t, err)
	require.Equal(t, `{"alg":"ES256","typ":"x+jws","kid":"k"}`, string(header))
	want := sha256.Sum256([]byte(part[0] + "." + part[1]))
	require.Equal(t, want[:], digest)
	away := errors.New("away")
	_, err = jws.Compact(t.Context(), "x", "k", nil, func(context.Context, []byte) ([]byte, error) { return nil, away })
	require.ErrorIs(t, err, away)
}

// TestFromDER: r and s have 32 bytes each, however short they are.
func TestFromDER(t *testing.T) {
	t.Parallel()
	der := func(r, s *big.Int) []byte {
		b, err := asn1.Marshal(struct{ R, S *big.Int }{r, s})
		require.NoError(t, err)
		return b
	}
	one, large := big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 256)
	raw, err := jws.FromDER(der(one, big.NewInt(0x0203)))
	require.NoError(t, err)
	require.Equal(t, append(append(make([]byte, 31), 1), append(make([]byte, 30), 2, 3)...), raw)
	for name, signature := range map[string][]byte{
		"nothing": nil, "no DER": []byte("x"), "more behind it": append(der(one, one), 0),
		"zero": der(one, new(big.Int)), "negative": der(big.NewInt(-1), one), "too large": der(one, large),
	} {
		_, err := jws.FromDER(signature)
		require.Error(t, err, name)
	}
}

func TestPublicKey(t *testing.T) {
	t.Parallel()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	larger, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	spki := func(key any) []byte {
		b, err := x509.MarshalPKIXPublicKey(key)
		require.NoError(t, err)
		return b
	}
	key, err := jws.PublicKey(spki(&private.PublicKey))
	require.NoError(t, err)
	thumbprint, err := key.Thumbprint(crypto.SHA256)
	require.NoError(t, err)
	require.Equal(t, base64.RawURLEncoding.EncodeToString(thumbprint), key.KeyID)
	require.Equal(t, [2]string{"ES256", "sig"}, [2]string{key.Algorithm, key.Use})
	require.True(t, key.IsPublic())
	for _, refused := range [][]byte{nil, spki(&larger.PublicKey), spki(&other.PublicKey)} {
		_, err := jws.PublicKey(refused)
		require.Error(t, err)
	}
}
