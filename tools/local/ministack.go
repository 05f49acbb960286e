package main

import (
	"context"
	"fmt"
	"path/filepath"
)

// miniStack returns MiniStack, a Python program, with the changes of launch.py.
func miniStack() emulator {
	const version = "3.11"
	return emulator{
		name: onMiniStack, health: "/_ministack/health", maxConcurrent: 24,
		decodesPaths: true, separateTables: true, forgetsObjectLock: true,
		requirements: func() []requirement { return pythonRequirements(version) },
		install: func(ctx context.Context, s *stack) error {
			return s.installVenv(ctx, onMiniStack, version, "tools/local/requirements.txt")
		},
		command: func(s *stack, port int) (env, command []string) {
			launcher := filepath.Join(s.root, "tools", "local", "launch.py")
			return s.miniStackEnv(port), []string{s.venvPython(onMiniStack), launcher}
		},
	}
}

// miniStackIAM returns MiniStack that enforces the policies of roles, queues and buckets. The tables
// are its own, since DynamoDB Local knows no policies.
func miniStackIAM() emulator {
	e := miniStack()
	e.name, e.separateTables, e.enforcesIAM = onMiniStackIAM, false, true
	return e
}

// miniStackEnv returns the environment of MiniStack, which the functions inherit. They find
// the emulator and the tables by AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_DYNAMODB.
func (s *stack) miniStackEnv(port int) []string {
	aws := localURL(port)
	tables := aws
	if s.emulator.separateTables {
		tables = s.tablesURL()
	}
	if s.faults { // the emulator itself calls neither of them
		aws, tables = s.faultsURL(), s.faultsURL()
	}
	env := []string{
		fmt.Sprintf("GATEWAY_PORT=%d", port), "AWS_ENDPOINT_URL=" + aws, tablesVariable + "=" + tables,
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region, "MINISTACK_REGION=" + region,
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_SESSION_TOKEN=", "AWS_PROFILE=",
		"LAMBDA_ACCOUNT_CONCURRENCY=0", // no limit
		"LAMBDA_WARM_TTL_SECONDS=300", "LOG_LEVEL=WARNING",
		"IOT_MTLS_ENABLED=0", "SFTP_ENABLED=0", // no listeners that the stack does not use
		"TMPDIR=" + s.file("emulator"), "STATE_DIR=" + s.file("emulator/state"),
		"INVOCHAIN_FUNCTION_LOG=" + s.file("functions.log"),
	}
	if s.emulator.enforcesIAM {
		env = append(env, "AUTH=true", refusalLog+"="+s.file("refusals.log"))
	}
	return env
}
