package signing

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/jws"
	"github.com/invochain/invochain/shared/strictjson"
)

// Errors of Token.
var (
	ErrScope = errors.New("the client may not have this scope")
	ErrNoKey = errors.New("no key signs tokens at this time")
)

// Issuer issues tokens.
type Issuer struct {
	Issuer, Audience string
	Known            func(context.Context) (caller.Known, error)
	// Sign returns the signature of a SHA-256 digest by a key: r and s, 32 bytes each.
	Sign func(ctx context.Context, key caller.Key, digest []byte) ([]byte, error)
	Now  func() time.Time
}

// Token is an access token and what a client is told about it.
type Token struct {
	Access  string
	Expires time.Duration
	Scopes  []string
}

// Token returns a token for a client that has been authenticated. Scope names the scopes that
// it asks for, separated by blanks; empty means all that its role has. Errors: ErrScope,
// ErrNoKey.
func (i Issuer) Token(ctx context.Context, c caller.Client, scope string) (Token, error) {
	scopes, err := narrow(c.Role.Scopes(), strings.Fields(scope))
	if err != nil {
		return Token{}, err
	}
	known, err := i.Known(ctx)
	if err != nil {
		return Token{}, err
	}
	now := i.Now()
	key, found := known.Signing(now)
	if !found {
		return Token{}, ErrNoKey
	}
	access, err := i.sign(ctx, key, caller.Claims{
		Claims: jwt.Claims{
			Issuer: i.Issuer, Audience: jwt.Audience{i.Audience}, Subject: c.ID, ID: rand.Text(),
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now),
			Expiry: jwt.NewNumericDate(now.Add(caller.TokenLife)),
		},
		Client: c.ID, Scope: strings.Join(scopes, " "), Merchant: c.Merchant, Role: c.Role,
	})
	return Token{access, caller.TokenLife, scopes}, err
}

// narrow returns the scopes that are asked for, each once, or all if none is.
func narrow(all, asked []string) ([]string, error) {
	if len(asked) == 0 {
		return all, nil
	}
	for _, s := range asked {
		if !slices.Contains(all, s) {
			return nil, ErrScope
		}
	}
	slices.Sort(asked)
	return slices.Compact(asked), nil
}

// sign returns the compact serialization of a token, with the only header that a Verifier accepts.
func (i Issuer) sign(ctx context.Context, key caller.Key, claims caller.Claims) (string, error) {
	payload, err := strictjson.Marshal(claims)
	if err != nil {
		return "", err
	}
	return jws.Compact(ctx, caller.TokenType, key.ID, payload, func(ctx context.Context, digest []byte) ([]byte, error) {
		return i.Sign(ctx, key, digest)
	})
}
