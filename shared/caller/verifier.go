package caller

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"time"
)

// Errors of Verify.
var (
	ErrInvalid     = errors.New("the token is not valid")
	ErrUnavailable = errors.New("the keys of tokens could not be read")
)

// InvalidError is an ErrInvalid with its reason, which goes to the log and to a metric, and to no
// caller.
type InvalidError struct{ Reason string }

// Reasons why a token is not valid.
var (
	errMissing    = &InvalidError{"missing"}
	errMalformed  = &InvalidError{"malformed"} // no compact JWS of type at+jwt, signed by ES256
	errUnknownKey = &InvalidError{"unknown_key"}
	errSignature  = &InvalidError{"signature"}
	errExpired    = &InvalidError{"expired"}
	errClaims     = &InvalidError{"claims"} // of another issuer, not yet valid, or beyond the client's role
	errRevoked    = &InvalidError{"revoked"}
)

// Error implements error.
func (e *InvalidError) Error() string { return ErrInvalid.Error() + ": " + e.Reason }

// Is reports whether target is ErrInvalid.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

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

// settleTimeout bounds how long a request waits for a read that runs beside it.
const settleTimeout = 100 * time.Millisecond

// NewVerifier returns a Verifier that knows nothing yet: its first request waits for a read, which
// Start begins.
func NewVerifier(c Config) *Verifier {
	return &Verifier{
		config: c, keys: keyring{load: c.Load, now: c.Now}, verified: map[[sha256.Size]byte]verified{},
	}
}

// Start begins to read the keys. Call it when the process starts, so that the read is under way, or
// over, when the first request comes.
func (v *Verifier) Start(ctx context.Context) { v.keys.start(ctx) }

// Settle waits for a read that runs beside a request, up to 100 ms. Call it before the request
// is answered: afterwards Lambda may freeze the process, and the read with it.
func (v *Verifier) Settle(ctx context.Context) {
	running := v.keys.running()
	if running == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	select {
	case <-running.done:
	case <-ctx.Done():
	}
}

// Verify returns the caller that an Authorization header names, `Bearer TOKEN`. Errors:
// ErrInvalid; ErrUnavailable, after which the same request may succeed.
func (v *Verifier) Verify(ctx context.Context, authorization string) (Principal, error) {
	if authorization == "" {
		return Principal{}, errMissing
	}
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return Principal{}, errMalformed
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
	if err := found.check(known, v.config.Now()); err != nil {
		return Principal{}, err
	}
	return found.Principal, nil
}

// check returns an error unless a token is still valid: not expired, its client not revoked, its key
// not withdrawn.
func (f verified) check(known Known, now time.Time) error {
	_, verifies := known.key(f.keyID, now)
	switch {
	case !now.Before(f.until):
		return errExpired
	case now.Before(known.Revoked[f.Client]) || !verifies:
		return errRevoked
	default:
		return nil
	}
}

// check verifies a token. It returns what is known now: a token with an unknown key makes it
// read again.
func (v *Verifier) check(ctx context.Context, token string, known Known) (verified, Known, error) {
	p, ok := parse(token)
	if !ok {
		return verified{}, known, errMalformed
	}
	key, ok := known.key(p.keyID, v.config.Now())
	if !ok {
		var err error
		if known, err = v.keys.lookUp(ctx); err != nil {
			return verified{}, known, err
		}
		if key, ok = known.key(p.keyID, v.config.Now()); !ok {
			return verified{}, known, errUnknownKey
		}
	}
	c, ok := p.claims(key)
	if !ok {
		return verified{}, known, errSignature
	}
	if err := c.check(v.config.Issuer, v.config.Audience, v.config.Now()); err != nil {
		return verified{}, known, err
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
