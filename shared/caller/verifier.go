package caller

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"time"
)

// Errors of Verify. Why a token is not valid is told to no caller.
var (
	ErrInvalid     = errors.New("the token is not valid")
	ErrUnavailable = errors.New("the keys of tokens could not be read")
)

// maxRemembered is the number of verified tokens at which they are forgotten, to bound memory.
const maxRemembered = 1000

// Config configures a Verifier.
type Config struct {
	Issuer, Audience string // that a token must have
	// Load reads keys and revoked clients, as Store.Known does.
	Load func(context.Context) (Known, error)
	Now  func() time.Time
}

// Verifier verifies tokens. It makes no call while it knows the keys as they were a minute
// ago. When that is older it reads them again, concurrently with the request; only when it is
// older than 5 minutes does the request wait, and fail if the keys cannot be read. A revocation
// or withdrawal is in force on an instance after a minute and one request.
type Verifier struct {
	config Config
	keys   keyring

	mu       sync.Mutex
	verified map[[sha256.Size]byte]verified // by the token's hash
}

// verified is what a valid token says, with what can end its validity.
type verified struct {
	Principal

	keyID string
	until time.Time
}

// NewVerifier returns a Verifier that knows nothing yet: its first request waits for a read.
func NewVerifier(c Config) *Verifier {
	return &Verifier{
		config: c, keys: keyring{load: c.Load, now: c.Now}, verified: map[[sha256.Size]byte]verified{},
	}
}

// Verify returns the caller that an Authorization header names, `Bearer TOKEN`. Errors:
// ErrInvalid; ErrUnavailable, after which the same request may succeed.
func (v *Verifier) Verify(ctx context.Context, authorization string) (Principal, error) {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return Principal{}, ErrInvalid
	}
	known, err := v.keys.current(ctx)
	if err != nil {
		return Principal{}, err
	}
	hash := sha256.Sum256([]byte(token))
	found, remembered := v.recall(hash)
	if !remembered {
		if found, known, err = v.check(ctx, token, known); err != nil {
			return Principal{}, err
		}
		v.remember(hash, found)
	}
	if !found.inForce(known, v.config.Now()) {
		return Principal{}, ErrInvalid
	}
	return found.Principal, nil
}

// inForce reports whether a token is still valid: not expired, its client not revoked, its key
// not withdrawn.
func (f verified) inForce(known Known, now time.Time) bool {
	_, verifies := known.key(f.keyID, now)
	return verifies && now.Before(f.until) && !now.Before(known.Revoked[f.Client])
}

// check verifies a token. It returns what is known now: a token with an unknown key makes it
// read again.
func (v *Verifier) check(ctx context.Context, token string, known Known) (verified, Known, error) {
	p, ok := parse(token)
	if !ok {
		return verified{}, known, ErrInvalid
	}
	key, ok := known.key(p.keyID, v.config.Now())
	if !ok {
		var err error
		if known, err = v.keys.lookUp(ctx); err != nil {
			return verified{}, known, err
		}
		if key, ok = known.key(p.keyID, v.config.Now()); !ok {
			return verified{}, known, ErrInvalid
		}
	}
	c, ok := p.claims(key)
	if !ok || !c.valid(v.config.Issuer, v.config.Audience, v.config.Now()) {
		return verified{}, known, ErrInvalid
	}
	return verified{c.principal(), key.ID, c.Expiry.Time().Add(Skew)}, known, nil
}

func (v *Verifier) recall(hash [sha256.Size]byte) (verified, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	found, ok := v.verified[hash]
	return found, ok
}

func (v *Verifier) remember(hash [sha256.Size]byte, f verified) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.verified) >= maxRemembered {
		clear(v.verified)
	}
	v.verified[hash] = f
}
