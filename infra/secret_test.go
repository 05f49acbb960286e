package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A variable's name that promises a secret, unless it names where the secret is; and what
// secrets look like: keys of AWS, client secrets of ours, PEM, JSON Web Tokens, CloudFormation's
// references to secrets, and any long run of base64 or hex with digits in it.
var (
	secretName = regexp.MustCompile(`(?i)secret|passw|credential|private_?key|api_?key|access_?key`)
	whereNamed = regexp.MustCompile(`_(ARN|ID|URL|TABLE|NAME)$`)
	secretText = regexp.MustCompile(`\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bics_(live|test)_|-----BEGIN|\beyJ[\w-]+\.|` +
		`\{\{resolve:|://[^/\s:]+:[^/\s@]+@`)
	longText = regexp.MustCompile(`[A-Za-z0-9+/_=]{32,}`)
	digits   = regexp.MustCompile(`[0-9].*[0-9].*[0-9].*[0-9]`)
)

// looksSecret reports whether a variable of a function may hold a secret. Values that are not
// strings are CloudFormation's; those that name resources have no long text.
func looksSecret(name, value string) bool {
	if secretName.MatchString(name) && !whereNamed.MatchString(name) || secretText.MatchString(value) {
		return true
	}
	return slices.ContainsFunc(longText.FindAllString(value, -1), digits.MatchString)
}

// TestNoSecretsInVariables: everyone who may describe a function reads its variables.
func TestNoSecretsInVariables(t *testing.T) {
	for id, p := range everywhere("AWS::Lambda::Function") {
		for name, v := range p["Environment"].(map[string]any)["Variables"].(map[string]any) {
			text, literal := v.(string)
			if !literal {
				require.NotContains(t, v, "Fn::Sub", "%s of %s", name, id)
				encoded, err := json.Marshal(v)
				require.NoError(t, err)
				require.NotRegexp(t, secretText, string(encoded), "%s of %s", name, id)
			}
			require.False(t, looksSecret(name, text), "%s of %s", name, id)
		}
	}
}

func TestLooksSecret(t *testing.T) {
	random := strings.Repeat("k3Jx0Zq7", 5)
	for _, v := range [][2]string{
		{"INVOCHAIN_CLIENT_SECRET", "x"},
		{"DB_PASSWORD", ""},
		{"A", "AKIA" + strings.Repeat("A", 16)},
		{"A", "ics_" + "live_" + "abc"},
		{"A", "-----BEGIN EC" + " PRIVATE KEY-----"},
		{"A", "eyJ" + "hbGciOi.x"},
		{"A", "{{resolve:secretsmanager:a:SecretString}}"},
		{"A", "https://user:word@host/"},
		{"A", "k=" + random},
	} {
		require.True(t, looksSecret(v[0], v[1]), v)
	}
	for _, v := range [][2]string{
		{"INVOCHAIN_CLIENT_SECRET_ARN", ""},
		{"GOMEMLIMIT", "192MiB"},
		{"INVOCHAIN_TELEMETRY", "emf"},
		{"A", "https://host:443/v1/traces"},
		{"A", "InvoChain-Data:ExportsOutputRef"},
	} {
		require.False(t, looksSecret(v[0], v[1]), v)
	}
}
