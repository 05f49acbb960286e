package stack

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// Allow makes functions, named by their variables, accept or refuse calls, through their
// reserved concurrency, which a function has and its aliases share.
func (s *Stack) Allow(ctx context.Context, available bool, functions ...string) error {
	var errs []error
	for _, name := range functions {
		unqualified, _, _ := strings.Cut(s.Vars(name), ":")
		function := aws.String(unqualified)
		var err error
		if available {
			_, err = s.Lambda.DeleteFunctionConcurrency(ctx, &lambda.DeleteFunctionConcurrencyInput{FunctionName: function})
		} else {
			_, err = s.Lambda.PutFunctionConcurrency(
				ctx,
				&lambda.PutFunctionConcurrencyInput{FunctionName: function, ReservedConcurrentExecutions: aws.Int32(0)},
			)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
