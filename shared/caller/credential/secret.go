package credential

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/invochain/invochain/shared/strictjson"
)

// API is the subset of the client of Secrets Manager that Rotation uses.
type API interface {
	DescribeSecret(
		context.Context, *secretsmanager.DescribeSecretInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.DescribeSecretOutput, error)
	GetSecretValue(
		context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.GetSecretValueOutput, error)
	PutSecretValue(
		context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.PutSecretValueOutput, error)
	UpdateSecretVersionStage(
		context.Context, *secretsmanager.UpdateSecretVersionStageInput, ...func(*secretsmanager.Options),
	) (*secretsmanager.UpdateSecretVersionStageOutput, error)
}

// Labels of versions.
const (
	current  = "AWSCURRENT"
	pending  = "AWSPENDING"
	previous = "AWSPREVIOUS"
)

// secret is a secret and its version that a rotation is about.
type secret struct {
	id, version string
	labels      []string // of the version; none if Secrets Manager does not know it
	current     string   // the version that is AWSCURRENT
}

func (s secret) isCurrent() bool { return s.current == s.version }

// isPending reports whether the version has yet to become current. One that was current keeps the
// label AWSPENDING until another rotation begins.
func (s secret) isPending() bool {
	return slices.Contains(s.labels, pending) && !slices.Contains(s.labels, previous)
}

func (r Rotation) describe(ctx context.Context, e Event) (secret, error) {
	out, err := r.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &e.SecretID})
	if err != nil {
		return secret{}, err
	}
	s := secret{id: e.SecretID, version: e.Version, labels: out.VersionIdsToStages[e.Version]}
	for version, labels := range out.VersionIdsToStages {
		if slices.Contains(labels, current) {
			s.current = version
		}
	}
	return s, nil
}

// credential is the value of a version.
type credential struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// errValue does not quote the value.
var errValue = errors.New(`a version of the secret is not {"client_id": …, "client_secret": …}`)

func (r Rotation) read(ctx context.Context, id, version string) (credential, error) {
	out, err := r.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id, VersionId: &version})
	if err != nil {
		return credential{}, err
	}
	var c credential
	if json.Unmarshal([]byte(aws.ToString(out.SecretString)), &c) != nil {
		return credential{}, errValue
	}
	return c, nil
}

// put puts a credential as the version of the rotation. A repetition with another one is refused.
func (r Rotation) put(ctx context.Context, s secret, c credential) error {
	value, err := strictjson.Marshal(c)
	if err != nil {
		return err
	}
	_, err = r.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &s.id, ClientRequestToken: &s.version, SecretString: aws.String(string(value)),
		VersionStages: []string{pending},
	})
	return err
}

// makeCurrent moves AWSCURRENT to the version, unless another version has become current.
func (r Rotation) makeCurrent(ctx context.Context, s secret) error {
	_, err := r.Secrets.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &s.id, VersionStage: aws.String(current), MoveToVersionId: &s.version, RemoveFromVersionId: &s.current,
	})
	return err
}
