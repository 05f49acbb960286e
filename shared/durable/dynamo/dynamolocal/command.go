// Package dynamolocal starts DynamoDB Local on the loopback address, for tests and for
// programs that run the product on one machine. `make dynamodb-local` fetches the server.
package dynamolocal

import (
	"errors"
	"path/filepath"
	"slices"
	"strconv"
)

// ErrNotFetched is returned when the checkout does not contain the server.
var ErrNotFetched = errors.New("DynamoDB Local is not in .cache/dynamodb-local: run `make dynamodb-local`")

// UnderLoad returns the options of the Java virtual machine for a server that serves a load.
func UnderLoad() []string { return []string{"-Xms1g", "-Xmx1g", "-Xmn600m", "-XX:+UseSerialGC"} }

// Config describes one server.
type Config struct {
	// Root is the checkout that contains .cache/dynamodb-local.
	Root string
	// Port is the TCP port on 127.0.0.1. Start picks a free one for 0.
	Port int
	// Dir is the directory of the data; empty keeps the data in memory.
	Dir string
	// JVM are options of the Java virtual machine, for example -Xmx256m.
	JVM []string

	exitOnEOF bool
}

// Command returns the program and the arguments that run a server, for callers that manage
// the process themselves; Port must be set. It returns ErrNotFetched if the server is missing.
func Command(cfg Config) ([]string, error) {
	jars := filepath.Join(cfg.Root, ".cache", "dynamodb-local")
	if found, _ := filepath.Glob(filepath.Join(jars, "DynamoDBLocal-*.jar")); len(found) == 0 {
		return nil, ErrNotFetched
	}
	// The server throws an exception for each refusal. Their stack traces took a tenth of its time.
	args := slices.Concat([]string{"java", "-XX:-StackTraceInThrowable"}, cfg.JVM, []string{
		"-Djava.library.path=" + jars, "-Dinvochain.exitOnEOF=" + strconv.FormatBool(cfg.exitOnEOF),
		"-cp", filepath.Join(jars, "*"), filepath.Join(cfg.Root, "tools", "dynamodb-local", "Loopback.java"),
		"-sharedDb", "-disableTelemetry", "-port", strconv.Itoa(cfg.Port),
	})
	if cfg.Dir == "" {
		return append(args, "-inMemory"), nil
	}
	return append(args, "-dbPath", cfg.Dir), nil
}
