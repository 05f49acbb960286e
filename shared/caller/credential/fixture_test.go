package credential_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/credential"
	"github.com/invochain/invochain/shared/durable/dynamo/dynamotest"
)

// fixture is a secret in memory with the rules of Secrets Manager, clients in DynamoDB Local, and a
// clock. The hook of fault may lose a write, or its reply.
type fixture struct {
	now     time.Time
	values  map[string]string // by version
	labels  map[string]string // version by label
	clients *caller.Store
	fault   func(call string) (apply bool, err error)
}

const (
	secretID = "operator"
	initial  = "initial"
)

func setup(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{
		now:    time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		values: map[string]string{initial: `{"client_id":"","client_secret":"generated"}`},
		labels: map[string]string{"AWSCURRENT": initial},
		fault:  func(string) (bool, error) { return true, nil },
	}
	db := dynamotest.Client(t)
	faults := &dynamotest.Faults{Client: db, Hook: func(call string) (bool, error) { return f.fault(call) }}
	f.clients = caller.NewStore(faults, dynamotest.Tables(t, db).Keys, func() time.Time { return f.now })
	return f
}

// do does a step of the rotation to a version.
func (f *fixture) do(t *testing.T, step, version string) error {
	t.Helper()
	r := credential.Rotation{Secrets: f, Clients: f.clients, Now: func() time.Time { return f.now }}
	return r.Do(t.Context(), credential.Event{Step: step, SecretID: secretID, Version: version})
}

func steps() []string { return []string{"createSecret", "setSecret", "testSecret", "finishSecret"} }

// begin begins a rotation, as Secrets Manager does: with a version that has no value yet.
func (f *fixture) begin(version string) { f.labels["AWSPENDING"] = version }

// rotate does a whole rotation and returns the new credential.
func (f *fixture) rotate(t *testing.T, version string) value {
	t.Helper()
	f.begin(version)
	for _, step := range steps() {
		require.NoError(t, f.do(t, step, version), step)
	}
	require.Equal(t, version, f.labels["AWSCURRENT"])
	return f.current(t)
}

type value struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

func (f *fixture) current(t *testing.T) value {
	t.Helper()
	var v value
	require.NoError(t, json.Unmarshal([]byte(f.values[f.labels["AWSCURRENT"]]), &v))
	return v
}

// authentic reports whether an operator's client is authentic with a credential now.
func (f *fixture) authentic(t *testing.T, v value) bool {
	t.Helper()
	c, err := f.clients.Client(t.Context(), v.ClientID)
	if errors.Is(err, caller.ErrNoClient) {
		return false
	}
	require.NoError(t, err)
	require.Equal(t, caller.Operator, c.Role)
	return c.Authentic(v.ClientSecret, f.now)
}

func (f *fixture) DescribeSecret(
	context.Context, *secretsmanager.DescribeSecretInput, ...func(*secretsmanager.Options),
) (*secretsmanager.DescribeSecretOutput, error) {
	out := &secretsmanager.DescribeSecretOutput{VersionIdsToStages: map[string][]string{}}
	for _, label := range slices.Sorted(maps.Keys(f.labels)) {
		version := f.labels[label]
		out.VersionIdsToStages[version] = append(out.VersionIdsToStages[version], label)
	}
	return out, nil
}

func (f *fixture) GetSecretValue(
	_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options),
) (*secretsmanager.GetSecretValueOutput, error) {
	v, found := f.values[*in.VersionId]
	if !found {
		return nil, &types.ResourceNotFoundException{}
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: &v}, nil
}

func (f *fixture) PutSecretValue(
	_ context.Context, in *secretsmanager.PutSecretValueInput, _ ...func(*secretsmanager.Options),
) (*secretsmanager.PutSecretValueOutput, error) {
	apply, err := f.fault("PutSecretValue")
	if kept, found := f.values[*in.ClientRequestToken]; found && kept != *in.SecretString {
		return nil, &types.ResourceExistsException{}
	}
	if apply {
		f.values[*in.ClientRequestToken] = *in.SecretString
		for _, label := range in.VersionStages {
			f.labels[label] = *in.ClientRequestToken
		}
	}
	return &secretsmanager.PutSecretValueOutput{}, err
}

func (f *fixture) UpdateSecretVersionStage(
	_ context.Context, in *secretsmanager.UpdateSecretVersionStageInput, _ ...func(*secretsmanager.Options),
) (*secretsmanager.UpdateSecretVersionStageOutput, error) {
	apply, err := f.fault("UpdateSecretVersionStage")
	if f.labels[*in.VersionStage] != *in.RemoveFromVersionId {
		return nil, &types.InvalidParameterException{}
	}
	if apply {
		f.labels[*in.VersionStage] = *in.MoveToVersionId
		f.labels["AWSPREVIOUS"] = *in.RemoveFromVersionId
	}
	return &secretsmanager.UpdateSecretVersionStageOutput{}, err
}
