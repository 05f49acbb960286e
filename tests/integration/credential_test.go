//go:build integration

package integration_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/caller/credential"
	"github.com/invochain/invochain/shared/client"
	"github.com/invochain/invochain/shared/deployment"
)

// operatorSecret is the deployed secret of the first operator.
type operatorSecret struct {
	*fixture

	api *secretsmanager.Client
	id  string
}

type credentialValue struct {
	ID     string `json:"client_id"`
	Secret string `json:"client_secret"`
}

// step invokes rotate-keys as Secrets Manager does, and reports whether it succeeded.
func (s operatorSecret) step(t *testing.T, step, version string) bool {
	t.Helper()
	payload, err := json.Marshal(credential.Event{Step: step, SecretID: s.id, Version: version})
	require.NoError(t, err)
	function := s.Vars(deployment.RotateFunction)
	out, err := s.Lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &function, Payload: payload})
	require.NoError(t, err)
	t.Logf("%s: %s", step, out.Payload)
	return out.FunctionError == nil
}

// rotate does each step twice and returns what is current then.
func (s operatorSecret) rotate(t *testing.T) (version string, v credentialValue) {
	t.Helper()
	version = client.NewKey()
	for _, step := range []string{"createSecret", "setSecret", "testSecret", "finishSecret"} {
		require.True(t, s.step(t, step, version), step)
		require.True(t, s.step(t, step, version), "%s again", step)
	}
	return version, s.current(t)
}

func (s operatorSecret) current(t *testing.T) (v credentialValue) {
	t.Helper()
	out, err := s.api.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &s.id})
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(*out.SecretString), &v))
	return v
}

// TestRotateTheOperatorsCredential: the secret of the deployment becomes that of an operator, and
// the former one gets tokens too. The operator of an earlier run is revoked, so another is created.
func TestRotateTheOperatorsCredential(t *testing.T) {
	t.Parallel()
	f := setup(t)
	cfg, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	s := operatorSecret{f, secretsmanager.NewFromConfig(cfg), f.Vars(deployment.OperatorSecret)}
	if before := s.current(t); before.ID != "" {
		require.NoError(t, f.Operator.Callers.RevokeClient(t.Context(), before.ID))
	}
	v1, first := s.rotate(t)
	v2, second := s.rotate(t)
	require.Equal(t, first.ID, second.ID)
	require.NotEqual(t, first.Secret, second.Secret)
	for _, c := range []credentialValue{first, second} {
		r := f.askToken(t, grantOf(c.ID, c.Secret))
		require.Equal(t, http.StatusOK, r.Status, "%s", r.Body)
		p, err := f.verifier().Verify(t.Context(), "Bearer "+r.Field("access_token"))
		require.NoError(t, err)
		require.Equal(t, caller.Operator, p.Role)
	}
	require.False(t, s.step(t, "finishSecret", v1), "a late step of the first rotation")
	require.False(t, s.step(t, "deleteSecret", v2))
	require.Equal(t, second, s.current(t))
	described, err := s.api.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &s.id})
	require.NoError(t, err)
	require.Contains(t, described.VersionIdsToStages[v1], "AWSPREVIOUS")
	require.Contains(t, described.VersionIdsToStages[v2], "AWSCURRENT")
}
