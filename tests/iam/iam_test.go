//go:build integration

// Package iam_test checks the functions' roles on a stack whose emulator enforces them. It runs
// after the integration tests there: `make test-iam`.
package iam_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/invochain/invochain/shared/deployment"
)

// TestRoles first expects that no call of a function was refused so far. Then it makes calls with
// the credentials of each function: those that its policy allows are served, all others refused.
func TestRoles(t *testing.T) {
	cfg, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	functions := deployed(t, cfg)
	refused, err := os.ReadFile(os.Getenv("INVOCHAIN_REFUSAL_LOG"))
	require.NoError(t, err, "run this with make test-iam")
	require.Empty(t, string(refused), "a function was refused what it needs")
	g, count := readGrants(t), map[bool]int{}
	require.Len(t, functions, len(g))
	for name := range g {
		r := roleOf(t, cfg, functions[name])
		for _, o := range deployment.Outputs() {
			for _, p := range probes(o.Name) {
				allowed := g.allow(name, p.action, o.Name)
				if p.lasting && allowed {
					continue
				}
				err := p.call(t.Context(), r, os.Getenv(o.Variable))
				require.Equal(t, allowed, !isRefusal(t, err), "%s: %s on %s: %v", name, p.action, o.Name, err)
				count[allowed]++
			}
		}
	}
	t.Logf("%d calls were refused, %d served", count[false], count[true])
	require.Greater(t, count[false], 300)
	require.Greater(t, count[true], 30)
}

// probes returns the calls to make on an output of a stack.
func probes(output string) []probe {
	switch {
	case strings.HasSuffix(output, "Table"):
		return tableProbes()
	case strings.HasSuffix(output, "Queue"), strings.HasSuffix(output, "DLQ"):
		return queueProbes()
	case strings.HasSuffix(output, "Secret"):
		return secretProbes()
	default:
		return nil
	}
}

// isRefusal reports whether IAM refused a call. A condition that does not hold is no refusal.
func isRefusal(t *testing.T, err error) bool {
	t.Helper()
	if err == nil {
		return false
	}
	e, ok := errors.AsType[smithy.APIError](err)
	require.True(t, ok, "%v", err)
	refused := strings.HasPrefix(e.ErrorCode(), "AccessDenied")
	if !refused {
		require.Contains(t, []string{"ConditionalCheckFailedException", "TransactionCanceledException"}, e.ErrorCode())
	}
	return refused
}

// deployed returns the functions by the names that the CDK app gives them.
func deployed(t *testing.T, cfg aws.Config) map[string]types.FunctionConfiguration {
	t.Helper()
	c := lambda.NewFromConfig(cfg)
	out, err := c.ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
	require.NoError(t, err)
	byName := map[string]types.FunctionConfiguration{}
	for _, f := range out.Functions {
		name := strings.Split(*f.FunctionName, "-")[2]
		byName[name[:len(name)-8]] = f // without the hash of its path
		_, err := c.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: f.FunctionName, Payload: []byte("{}")})
		require.NoError(t, err, "a function has credentials once it has run")
	}
	return byName
}

// roleOf returns clients with the credentials that the emulator derives for a function.
func roleOf(t *testing.T, cfg aws.Config, f types.FunctionConfiguration) role {
	t.Helper()
	digest := sum(*f.FunctionArn + ":" + *f.Role)
	cfg = cfg.Copy()
	cfg.Credentials = credentials.NewStaticCredentialsProvider(
		"ASIA"+strings.ToUpper(digest[:16]), sum("secret:"+digest), sum("token:"+digest),
	)
	db := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		o.DisableValidateResponseChecksum = true // the emulator's refusals have a wrong one
	})
	return role{db: db, sqs: sqs.NewFromConfig(cfg), secrets: secretsmanager.NewFromConfig(cfg)}
}

func sum(s string) string {
	digest := sha256.Sum256([]byte(s))
	return hex.EncodeToString(digest[:])
}
