package main

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/invochain/invochain/shared/durable/dynamo/dynamolocal"
	"github.com/invochain/invochain/tools/process"
)

// On MiniStack the functions use tables in DynamoDB Local: MiniStack is one event loop and
// too slow for them under load. A deployment creates the tables in the emulator, where no
// function reads them. copyTables creates the same tables, without items, in DynamoDB Local.

const tablesVariable = "AWS_ENDPOINT_URL_DYNAMODB"

func (s *stack) tablesURL() string {
	if !s.emulator.separateTables {
		return s.emulatorURL()
	}
	return "http://127.0.0.1:" + s.programs.Port("tables")
}

// tablesCommand returns the command line of DynamoDB Local.
func (s *stack) tablesCommand(port int) ([]string, error) {
	return dynamolocal.Command(dynamolocal.Config{Root: s.root, Port: port, JVM: dynamolocal.UnderLoad()})
}

// checkTables returns an error if DynamoDB Local is needed and not installed.
func (s *stack) checkTables() error {
	if !s.emulator.separateTables {
		return nil
	}
	_, err := s.tablesCommand(0)
	return err
}

// startTables starts DynamoDB Local. It does not wait: the server starts while the stacks
// are deployed.
func (s *stack) startTables(ctx context.Context) error {
	port, err := process.FreePort(ctx, 0)
	if err != nil {
		return err
	}
	command, err := s.tablesCommand(port)
	if err != nil {
		return err
	}
	return s.start(ctx, process.Program{Name: "tables", Port: port, Command: command})
}

// deployTables brings the tables in DynamoDB Local to the state of the deployed ones.
func (s *stack) deployTables(ctx context.Context) error {
	if !s.emulator.separateTables {
		return nil
	}
	if err := s.awaitAnswer(ctx, "tables", s.tablesURL()); err != nil {
		return err
	}
	return copyTables(ctx, tablesClient(s.emulatorURL()), tablesClient(s.tablesURL()))
}

func tablesClient(url string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: region, BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}
