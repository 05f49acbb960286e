package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/invochain/invochain/shared/caller"
	"github.com/invochain/invochain/shared/deployment"
)

// seedClients makes the first key that signs tokens, and two clients: an operator, and the demo
// merchant's admin. The clients of an earlier up are kept. Their secrets are in stack.env.
func (s *stack) seedClients(ctx context.Context) error {
	outputs, err := s.outputs()
	if err != nil {
		return err
	}
	if err := s.rotateKeys(ctx, outputs[deployment.RotateFunction]); err != nil {
		return err
	}
	if _, err := os.Stat(s.file(clientsFile)); errors.Is(err, fs.ErrNotExist) {
		if err := s.createClients(ctx, outputs[deployment.KeysTable]); err != nil {
			return err
		}
	}
	port, err := strconv.Atoi(s.programs.Port("gateway"))
	if err != nil {
		return err
	}
	return s.writeEnv(outputs, port)
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

// clientsFile keeps the seeded clients as JSON, by their variables in stack.env.
const clientsFile = "clients.json"

func (s *stack) createClients(ctx context.Context, table string) error {
	store := caller.NewStore(tablesClient(s.tablesURL()), table, time.Now)
	variables := map[string]string{}
	for _, c := range []struct {
		role                   caller.Role
		merchant, id, password string
	}{
		{caller.Operator, "", "INVOCHAIN_OPERATOR_CLIENT_ID", "INVOCHAIN_OPERATOR_CLIENT_SECRET"},
		{caller.Admin, demoMerchant, "INVOCHAIN_CLIENT_ID", "INVOCHAIN_CLIENT_SECRET"},
	} {
		created, secret, err := store.CreateClient(ctx, c.merchant, c.role, caller.Test)
		if err != nil {
			return err
		}
		variables[c.id], variables[c.password] = created.ID, secret
	}
	content, err := json.Marshal(variables)
	if err != nil {
		return err
	}
	return os.WriteFile(s.file(clientsFile), content, 0o600)
}

// clientLines returns the seeded clients as KEY=VALUE; none before they are created.
func (s *stack) clientLines() ([]string, error) {
	content, err := os.ReadFile(s.file(clientsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var variables map[string]string
	err = json.Unmarshal(content, &variables)
	return envLines(variables), err
}
