package credential

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/invochain/invochain/shared/caller"
)

// Overlap is how long the former secret is valid after a rotation.
const Overlap = 24 * time.Hour

// Event is what Secrets Manager invokes a function with.
type Event struct {
	Step     string `json:"Step"`
	SecretID string `json:"SecretId"`
	Version  string `json:"ClientRequestToken"` // the id of the version that becomes current
}

// Rotation does the steps of a rotation.
type Rotation struct {
	Secrets API
	Clients interface {
		Client(ctx context.Context, id string) (caller.Client, error)
		AddSecret(ctx context.Context, c caller.Client, text string) error
		EndOtherSecrets(ctx context.Context, id, text string, overlap time.Duration) error
	}
	Now func() time.Time
}

// Errors of Do.
var (
	ErrEvent      = errors.New("this is no step of a rotation")
	ErrNotPending = errors.New("the version is not AWSPENDING; start another rotation")
	ErrNotValid   = errors.New("the client is not authentic with the pending secret")
)

// Do does one step. After an error it is done again: it reads first what an earlier try has
// written. A step of a rotation that is finished changes nothing, and one that another rotation
// has overtaken is refused: ErrNotPending.
func (r Rotation) Do(ctx context.Context, e Event) error {
	step, known := map[string]func(context.Context, secret) error{
		"createSecret": r.create, "setSecret": r.set, "testSecret": r.test, "finishSecret": r.finish,
	}[e.Step]
	if !known || e.SecretID == "" || e.Version == "" {
		return ErrEvent
	}
	s, err := r.describe(ctx, e)
	if err == nil {
		err = step(ctx, s)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", e.Step, err)
	}
	return nil
}

// create puts a new secret, unless an earlier try has. It keeps the client of the current one.
func (r Rotation) create(ctx context.Context, s secret) error {
	if s.isCurrent() {
		return nil
	}
	_, err := r.read(ctx, s.id, s.version)
	if _, absent := errors.AsType[*types.ResourceNotFoundException](err); !absent {
		return err
	}
	id, err := r.clientOf(ctx, s)
	if err != nil {
		return err
	}
	return r.put(ctx, s, credential{ClientID: id, ClientSecret: caller.NewSecret(caller.Live)})
}

// clientOf returns the id of the current client, or a new one if there is none or it is revoked.
func (r Rotation) clientOf(ctx context.Context, s secret) (string, error) {
	current, err := r.read(ctx, s.id, s.current)
	if err != nil {
		return "", err
	}
	c, err := r.Clients.Client(ctx, current.ClientID)
	if err != nil && !errors.Is(err, caller.ErrNoClient) {
		return "", err
	}
	if current.ClientID == "" || !c.RevokedAt.IsZero() {
		return caller.NewID(), nil
	}
	return current.ClientID, nil
}

func (r Rotation) set(ctx context.Context, s secret) error {
	if s.isCurrent() {
		return nil
	}
	c, err := r.pending(ctx, s)
	if err != nil {
		return err
	}
	return r.Clients.AddSecret(ctx, caller.Client{ID: c.ClientID, Role: caller.Operator}, c.ClientSecret)
}

func (r Rotation) test(ctx context.Context, s secret) error {
	_, err := r.valid(ctx, s)
	return err
}

// valid returns the credential of the version if it is that of an operator.
func (r Rotation) valid(ctx context.Context, s secret) (credential, error) {
	c, err := r.pending(ctx, s)
	if err != nil {
		return credential{}, err
	}
	client, err := r.Clients.Client(ctx, c.ClientID)
	if err != nil {
		return credential{}, err
	}
	if client.Role != caller.Operator || !client.Authentic(c.ClientSecret, r.Now()) {
		return credential{}, ErrNotValid
	}
	return c, nil
}

// finish moves AWSCURRENT first: until then the former secret must not end.
func (r Rotation) finish(ctx context.Context, s secret) error {
	c, err := r.valid(ctx, s)
	if err != nil {
		return err
	}
	if !s.isCurrent() {
		if err := r.makeCurrent(ctx, s); err != nil {
			return err
		}
	}
	return r.Clients.EndOtherSecrets(ctx, c.ClientID, c.ClientSecret, Overlap)
}

// pending returns the credential of the version, which must be AWSPENDING or already AWSCURRENT.
func (r Rotation) pending(ctx context.Context, s secret) (credential, error) {
	if !s.isCurrent() && !s.isPending() {
		return credential{}, ErrNotPending
	}
	return r.read(ctx, s.id, s.version)
}
