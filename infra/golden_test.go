package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/stretchr/testify/require"
)

func TestGoldenTemplates(t *testing.T) {
	for name, template := range app.templates {
		t.Run(name, func(t *testing.T) {
			got, err := json.MarshalIndent(template, "", " ")
			require.NoError(t, err)
			got = withoutHashes(got)
			file := filepath.Join("testdata", name+".json")
			if *update {
				require.NoError(t, os.WriteFile(file, append(got, '\n'), 0o600))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), string(got)+"\n", "review the difference; if it is intended, run `make golden`")
		})
	}
}

// withoutHashes replaces what depends on the functions' binaries: the hashes of assets and
// the logical ids of function versions and API deployments.
func withoutHashes(template []byte) []byte {
	asset := regexp.MustCompile(`[0-9a-f]{64}`)
	version := regexp.MustCompile(`CurrentVersion[0-9A-Fa-f]{40}|Deployment[0-9A-Fa-f]{40}`)
	return version.ReplaceAll(asset.ReplaceAll(template, []byte("HASH")), []byte("VERSION"))
}

func TestNoSecurityFindings(t *testing.T) {
	anything := assertions.Match_StringLikeRegexp(jsii.String("AwsSolutions-.*"))
	for _, s := range append(app.stacks, local.stacks...) {
		t.Run(*s.StackName(), func(t *testing.T) {
			annotations := assertions.Annotations_FromStack(s)
			for _, m := range *annotations.FindError(jsii.String("*"), anything) {
				t.Error(m.Entry.Data) //nolint:staticcheck // it moved to a module that Go does not have
			}
			for _, m := range *annotations.FindWarning(jsii.String("*"), anything) {
				t.Error(m.Entry.Data) //nolint:staticcheck // it moved to a module that Go does not have
			}
		})
	}
}
