package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// liveAlias is the alias through which every caller reaches a function, so that a deployment replaces
// a version that is complete, and a release can be shifted or taken back by moving aliases.
const liveAlias = "live"

// newAlias returns the alias of a function's current version. Its logical id is that of the function
// with Live.
func (s *service) newAlias(name string) awslambda.Alias {
	return awslambda.NewAlias(s.Stack, jsii.String(pascal(name)+"Live"), &awslambda.AliasProps{
		AliasName: jsii.String(liveAlias), Version: s.functions[name].CurrentVersion(),
	})
}
