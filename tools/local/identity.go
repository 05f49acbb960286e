package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/deployment"
)

// demoAdminRole is the role of the client that the gateway signs in as.
const demoAdminRole = caller.Admin

// seedClients makes the first key that signs tokens, and two clients: an operator, and the demo
// merchant's admin. The clients of an earlier up are kept.
func (s *stack) seedClients(ctx context.Context) error {
	outputs, err := s.outputs()
	if err != nil {
		return err
	}
	if err := s.rotateKeys(ctx, outputs[deployment.RotateFunction]); err != nil {
		return err
	}
	store := caller.NewStore(tablesClient(s.tablesURL()), outputs[deployment.KeysTable], time.Now)
	return s.ensureClients(ctx, store, caller.Operator, demoAdminRole)
}

// rotateKeys invokes rotate-keys, which EventBridge does once a day.
func (s *stack) rotateKeys(ctx context.Context, function string) error {
	url := s.emulatorURL()
	client := lambda.New(lambda.Options{
		Region: region, BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	out, err := client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, Payload: []byte("{}")})
	if err == nil && out.FunctionError != nil {
		err = fmt.Errorf("%s: %s", aws.ToString(out.FunctionError), out.Payload)
	}
	return err
}

// ensureClients sees to it that there is a client of each role. Kept ones that the store does not
// know, or not with this secret, are replaced or, if their role is not asked for, dropped: they are
// of tables that are lost, or were revoked.
func (s *stack) ensureClients(ctx context.Context, store *caller.Store, roles ...caller.Role) error {
	kept, err := s.readClients()
	if err != nil {
		return err
	}
	ensured := clients{}
	for _, role := range caller.Roles() {
		c := kept.of(role)
		valid, err := isValid(ctx, store, c)
		if err == nil && !valid && slices.Contains(roles, role) {
			c, err = createClient(ctx, store, role)
			valid = true
		}
		if err != nil {
			return err
		}
		if valid {
			ensured.add(role, c)
		}
	}
	return s.writeClients(ensured)
}

func isValid(ctx context.Context, store *caller.Store, c credential) (bool, error) {
	found, err := store.Client(ctx, c.id)
	if errors.Is(err, caller.ErrNoClient) {
		return false, nil
	}
	return found.Authentic(c.secret, time.Now()), err
}

// createClient creates a client of the demo merchant, or an operator.
func createClient(ctx context.Context, store *caller.Store, role caller.Role) (credential, error) {
	merchant := demoMerchant
	if role == caller.Operator {
		merchant = ""
	}
	created, secret, err := store.CreateClient(ctx, caller.NewClient(merchant, role), caller.Test)
	return credential{created.ID, secret}, err
}

// printToken prints an access token of a client of the demo merchant with a role, or of the
// operator. It creates the client if there is none.
func (s *stack) printToken(ctx context.Context, args []string) error {
	role := demoAdminRole
	if len(args) > 0 && args[0] != "" {
		role = caller.Role(args[0])
	}
	if !slices.Contains(caller.Roles(), role) {
		return fmt.Errorf("there is no role %q; use one of %s", role, strings.Join(roleNames(), ", "))
	}
	env, err := readEnv(s.file("stack.env"))
	if err != nil {
		return fmt.Errorf("no stack runs here; run make up: %w", err)
	}
	c, err := s.client(ctx, env, role)
	if err != nil {
		return err
	}
	token, err := fetchToken(ctx, env["API_URL"], c)
	if err != nil {
		return err
	}
	fmt.Println(token.text)
	return nil
}

// client returns the kept client of a role, or creates and keeps one.
func (s *stack) client(ctx context.Context, env map[string]string, role caller.Role) (credential, error) {
	kept, err := s.readClients()
	if err != nil || kept.of(role).id != "" {
		return kept.of(role), err
	}
	store := caller.NewStore(tablesClient(env[tablesVariable]), env[deployment.KeysTable], time.Now)
	err = s.withLock(func() error { return s.ensureClients(ctx, store, caller.Operator, demoAdminRole, role) })
	if err != nil {
		return credential{}, err
	}
	kept, err = s.readClients()
	return kept.of(role), err
}

func roleNames() []string {
	var names []string
	for _, role := range caller.Roles() {
		names = append(names, string(role))
	}
	return names
}
