package caller_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/jws"
)

// forger makes variations of a good token.
type forger struct {
	*fixture

	tb                         testing.TB
	kid                        string
	good                       string
	header, payload, signature string
}

func newForger(tb testing.TB) forger {
	tb.Helper()
	f := setup(tb)
	good := strings.TrimPrefix(f.token(tb, clerk()), "Bearer ")
	part := strings.Split(good, ".")
	evil, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(tb, err)
	document, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(tb, err)
	kid := f.known.Keys[0].ID
	f.private["evil"], f.private["document"] = evil, document
	return forger{f, tb, kid, good, part[0], part[1], part[2]}
}

func encode(v any) string {
	b, ok := v.([]byte)
	if !ok {
		b, _ = json.Marshal(v)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

type members = map[string]any

// changed returns the payload or header with some members changed, or without those that are nil.
func changed(part string, change members) string {
	b, _ := base64.RawURLEncoding.DecodeString(part)
	m := members{}
	_ = json.Unmarshal(b, &m)
	maps.Copy(m, change)
	maps.DeleteFunc(m, func(_ string, v any) bool { return v == nil })
	return encode(m)
}

// signed returns a token with a changed header and payload, signed by a key.
func (f forger) signed(key string, header, payload members) string {
	input := changed(f.header, header) + "." + changed(f.payload, payload)
	digest := sha256.Sum256([]byte(input))
	s, err := f.sign(f.tb.Context(), caller.Key{ID: key}, digest[:])
	require.NoError(f.tb, err)
	return input + "." + encode(s)
}

func (f forger) withHeader(h members) string { return "Bearer " + f.signed(f.kid, h, nil) }

func (f forger) withClaims(c members) string { return "Bearer " + f.signed(f.kid, nil, c) }

// hs256 signs with the public key as if it were a shared secret.
func (f forger) hs256() string {
	spki, _ := x509.MarshalPKIXPublicKey(&f.private[f.kid].PublicKey)
	input := changed(f.header, members{"alg": "HS256"}) + "." + f.payload
	mac := hmac.New(sha256.New, spki)
	mac.Write([]byte(input))
	return input + "." + encode(mac.Sum(nil))
}

// der signs as KMS does.
func (f forger) der() string {
	digest := sha256.Sum256([]byte(f.header + "." + f.payload))
	der, _ := ecdsa.SignASN1(rand.Reader, f.private[f.kid], digest[:])
	return f.header + "." + f.payload + "." + encode(der)
}

// detached signs a payload that is not encoded (RFC 7797).
func (f forger) detached() string {
	header := changed(f.header, members{"crit": []string{"b64"}, "b64": false})
	payload, _ := base64.RawURLEncoding.DecodeString(f.payload)
	digest := sha256.Sum256([]byte(header + "." + string(payload)))
	s, _ := f.sign(f.tb.Context(), caller.Key{ID: f.kid}, digest[:])
	return header + "." + f.payload + "." + encode(s)
}

// document is a document as serve-api signs it, with the key of documents.
func (f forger) document() string {
	payload := []byte(`{"id":"1","seller_merchant_id":"merchant-123"}`)
	sign := func(ctx context.Context, digest []byte) ([]byte, error) {
		return f.sign(ctx, caller.Key{ID: "document"}, digest)
	}
	signed, err := jws.Compact(f.tb.Context(), "invoice+jws", "document", payload, sign)
	require.NoError(f.tb, err)
	return signed
}

func (f forger) cases() map[string]string {
	at := func(d time.Duration) int64 { return f.now.Add(d).Unix() }
	evil := jose.JSONWebKey{Key: &f.private["evil"].PublicKey, KeyID: "evil"}
	body := f.header + "." + f.payload
	other := changed(f.payload, members{"merchant_id": "m2"})
	return map[string]string{
		"empty":                 "",
		"no scheme":             f.good,
		"another scheme":        "Basic " + f.good,
		"two blanks":            "Bearer  " + f.good,
		"a line break":          "Bearer " + f.good + "\r\nX: y",
		"alg none":              "Bearer " + changed(f.header, members{"alg": "none"}) + "." + f.payload + ".",
		"the key as a secret":   "Bearer " + f.hs256(),
		"signed by another key": "Bearer " + f.signed("evil", nil, nil),
		"a key in the header":   "Bearer " + f.signed("evil", members{"jwk": evil}, nil),
		"a known kid, own key":  "Bearer " + f.signed("evil", members{"jwk": evil, "kid": f.kid}, nil),
		"a key at an address":   "Bearer " + f.signed("evil", members{"jku": "http://127.0.0.1:1", "kid": "evil"}, nil),
		"jku beside a good key": f.withHeader(members{"jku": "http://127.0.0.1:1"}),
		"crit":                  f.withHeader(members{"crit": []string{"exp"}, "exp": 1}),
		"b64":                   "Bearer " + f.detached(),
		"no kid":                f.withHeader(members{"kid": nil}),
		"an unknown kid":        f.withHeader(members{"kid": "other"}),
		"typ JWT":               f.withHeader(members{"typ": "JWT"}),
		"no typ":                f.withHeader(members{"typ": nil}),
		"a signed document":     "Bearer " + f.document(),
		"typ of a document":     f.withHeader(members{"typ": "invoice+jws"}),
		"the key of documents":  "Bearer " + f.signed("document", members{"kid": "document"}, nil),
		"that key, a known kid": "Bearer " + f.signed("document", nil, nil),
		"another environment":   f.withClaims(members{"iss": "https://staging.test/v1"}),
		"another audience":      f.withClaims(members{"aud": "other"}),
		"no audience":           f.withClaims(members{"aud": nil}),
		"no expiry":             f.withClaims(members{"exp": nil}),
		"expired":               f.withClaims(members{"exp": at(-2 * time.Minute), "iat": at(-15 * time.Minute)}),
		"a far expiry":          f.withClaims(members{"exp": at(9 * 365 * 24 * time.Hour)}),
		"an absurd expiry":      f.withClaims(members{"exp": 1e300}),
		"a second too long":     f.withClaims(members{"exp": at(15*time.Minute + time.Second)}),
		"not yet valid":         f.withClaims(members{"nbf": at(2 * time.Minute)}),
		"issued in the future":  f.withClaims(members{"iat": at(2 * time.Minute), "exp": at(3 * time.Minute)}),
		"no time of issue":      f.withClaims(members{"iat": nil}),
		"another subject":       f.withClaims(members{"sub": "cl_2"}),
		"no client":             f.withClaims(members{"client_id": "", "sub": ""}),
		"an unknown role":       f.withClaims(members{"role": "root"}),
		"more than its role":    f.withClaims(members{"scope": "clients:write"}),
		"no merchant":           f.withClaims(members{"merchant_id": nil}),
		"an operator of one":    f.withClaims(members{"role": "operator", "scope": "ops:read"}),
		"not a merchant's id":   f.withClaims(members{"merchant_id": "a#b"}),
		"payload changed":       "Bearer " + f.header + "." + other + "." + f.signature,
		"a DER signature":       "Bearer " + f.der(),
		"no signature":          "Bearer " + body + ".",
		"zeros":                 "Bearer " + body + "." + encode(make([]byte, 64)),
		"half a signature":      "Bearer " + body + "." + f.signature[:43],
		"JSON serialization": `Bearer {"payload":"` + f.payload + `","protected":"` + f.header +
			`","signature":"` + f.signature + `"}`,
		"five parts": "Bearer " + f.good + "." + f.header + "." + f.payload,
		"huge":       "Bearer " + strings.Repeat("A", 5000),
	}
}

func TestForgeries(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	v := f.verifier()
	for name, authorization := range f.cases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := v.Verify(t.Context(), authorization)
			require.ErrorIs(t, err, caller.ErrInvalid)
		})
	}
	_, err := v.Verify(t.Context(), "bearer "+f.good)
	require.NoError(t, err)
}

// TestForgerMakesGoodTokens: the forger's good token is accepted after it was taken
// apart and put together.
func TestForgerMakesGoodTokens(t *testing.T) {
	t.Parallel()
	f := newForger(t)
	_, err := f.verifier().Verify(t.Context(), f.withClaims(nil))
	require.NoError(t, err)
}

// FuzzVerify: no text but the good token is accepted, whatever it is, and none panics.
func FuzzVerify(f *testing.F) {
	forge := newForger(f)
	for _, authorization := range forge.cases() {
		f.Add(authorization)
	}
	v := forge.verifier()
	f.Fuzz(func(t *testing.T, authorization string) {
		_, token, _ := strings.Cut(authorization, " ")
		if _, err := v.Verify(t.Context(), authorization); err == nil {
			require.Equal(t, forge.good, token)
		}
	})
}
