package caller

import (
	"errors"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/invochain/invochain/shared/gst"
)

// TokenType is the `typ` of an access token (RFC 9068). Other documents that our keys may sign
// have another one, so that none of them is a token.
const TokenType = "at+jwt"

// Audience is the `aud` of our tokens: the API.
const Audience = "invochain"

// maxToken bounds a token in bytes. Ours have about 700.
const maxToken = 4096

// Claims are the claims of an access token (RFC 9068, section 2.2, and ours).
type Claims struct {
	jwt.Claims

	Client   string `json:"client_id"`
	Scope    string `json:"scope"` // separated by blanks
	Merchant string `json:"merchant_id,omitempty"`
	Role     Role   `json:"role"`
}

// parsed is a token whose signature has not been verified.
type parsed struct {
	jwt   *jwt.JSONWebToken
	keyID string
}

// parse reads the compact serialization of a JWS that says it is one of our tokens. It accepts
// no header but alg, typ and kid: a token must not say how it is to be verified.
func parse(token string) (parsed, bool) {
	if len(token) > maxToken {
		return parsed{}, false
	}
	t, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil || len(t.Headers) != 1 {
		return parsed{}, false
	}
	h := t.Headers[0]
	kind, _ := h.ExtraHeaders[jose.HeaderType].(string)
	plain := len(h.ExtraHeaders) == 1 && h.JSONWebKey == nil && h.Nonce == ""
	return parsed{t, h.KeyID}, kind == TokenType && plain && h.KeyID != ""
}

// claims returns the claims if the key signed them.
func (p parsed) claims(key Key) (Claims, bool) {
	var c Claims
	err := p.jwt.Claims(key.Public.Key, &c)
	return c, err == nil
}

// check returns an error unless the claims are those of a token of ours that is in force.
func (c Claims) check(issuer, audience string, now time.Time) error {
	expected := jwt.Expected{Issuer: issuer, AnyAudience: jwt.Audience{audience}, Time: now}
	if c.Expiry == nil || c.IssuedAt == nil {
		return errClaims
	}
	if err := c.ValidateWithLeeway(expected, Skew); errors.Is(err, jwt.ErrExpired) {
		return errExpired
	} else if err != nil {
		return errClaims
	}
	life := c.Expiry.Time().Sub(c.IssuedAt.Time())
	ours := life > 0 && life <= TokenLife && c.Client != "" && c.Subject == c.Client &&
		c.Role.grants(strings.Fields(c.Scope)) && belongs(c.Role, c.Merchant)
	if !ours {
		return errClaims
	}
	return nil
}

// belongs reports whether a role may have this merchant: an operator has none, any other has
// one.
func belongs(r Role, merchantID string) bool {
	if r == Operator {
		return merchantID == ""
	}
	return r.Scopes() != nil && gst.ValidMerchantID(merchantID)
}

// principal returns who the token is about.
func (c Claims) principal() Principal {
	return NewPrincipal(c.Client, c.Role, c.Merchant, strings.Fields(c.Scope))
}
