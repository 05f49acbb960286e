package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// localStackMost: a hundred at once, each with a cold start or two, would take it longer
// than the time limit of a call between functions.
const localStackMost = 8

// localStackHost is LocalStack as a Python program, with tools/local/localstack in the
// place of the containers that it would run functions in.
func localStackHost() bed {
	const version = "3.13"
	return bed{
		name: onLocalStackHost, health: "/_localstack/health", most: localStackMost,
		needs: func() []requirement {
			return append(pythonNeeds(version),
				requirement{"javac", []string{"--version"}, func(major, _ int) bool { return major >= 17 }, "a JDK 17 or later (apt install openjdk-17-jdk-headless; DynamoDB Local runs on it)"},
				requirement{"setpriv", []string{"--version"}, func(int, int) bool { return true }, "setpriv (apt install util-linux)"})
		},
		install: func(ctx context.Context, s *stack) error {
			if err := s.venv(ctx, onLocalStack, version, "tools/local/localstack/requirements.txt"); err != nil {
				return err
			}
			return command(ctx, s.root, nil, "make", "--silent", "dynamodb-local")
		},
		program: func(s *stack, port int) ([]string, string, []string) {
			return s.hostSettings(port), s.venvPython(onLocalStack), []string{filepath.Join(s.root, "infra", "localstack", "launch.py")}
		},
	}
}

// hostSettings leave nothing outside the stack's folder and ask nobody on the
// network. OVERRIDE_IN_DOCKER: inside some container it would believe to be in its
// own, and listen on all interfaces.
func (s *stack) hostSettings(port int) []string {
	return append(s.localStackSettings(port),
		fmt.Sprintf("GATEWAY_LISTEN=127.0.0.1:%d", port), "OVERRIDE_IN_DOCKER=0", "SKIP_SSL_CERT_DOWNLOAD=1", "DNS_ADDRESS=0",
		"FILESYSTEM_ROOT="+s.file("emulator"), "TMPDIR="+s.file("emulator"), "XDG_CACHE_HOME="+s.file("emulator"),
		"AWS_DEFAULT_REGION="+region, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"INVOCHAIN_DYNAMODB_LOCAL="+filepath.Join(s.cache, "dynamodb-local"),
		"INVOCHAIN_DYNAMODB_MAIN="+filepath.Join(s.root, "tools", "dynamodb-local", "Loopback.java"),
		"INVOCHAIN_FUNCTION_LOG="+s.file("functions.log"),
	)
}

// localStackSettings are those of the program and the image. A queue's poller would
// wait a second after each batch of ten, and up to ten once it found the queue empty.
func (s *stack) localStackSettings(port int) []string {
	return []string{
		fmt.Sprintf("LOCALSTACK_HOST=127.0.0.1:%d", port), "SQS_ENDPOINT_STRATEGY=path",
		"LAMBDA_RUNTIME_EXECUTOR=process", "LAMBDA_SYNCHRONOUS_CREATE=1",
		"LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC=0.05", "LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC=0.5",
		"DISABLE_EVENTS=1", "PERSISTENCE=0", "EAGER_SERVICE_LOADING=0",
	}
}

// localStackImage is the last one that needs no account.
const localStackImage = "localstack/localstack:4.14.0"

// localStackDocker is LocalStack's image. Its functions are processes inside it, by
// the same plugin: a container for each would take seconds to start.
func localStackDocker() bed {
	return bed{
		name: onLocalStackDocker, health: "/_localstack/health", most: localStackMost,
		needs: func() []requirement {
			return []requirement{{"docker", []string{"info"}, func(int, int) bool { return true }, "a Docker engine that runs (https://docs.docker.com/engine)"}}
		},
		install: func(ctx context.Context, s *stack) error {
			if exec.CommandContext(ctx, "docker", "image", "inspect", localStackImage).Run() == nil {
				return nil
			}
			return command(ctx, s.root, nil, "docker", "pull", "--quiet", localStackImage)
		},
		program: func(s *stack, port int) ([]string, string, []string) { return nil, "docker", s.containerArgs(port) },
		sweep:   (*stack).removeContainer,
	}
}

// containerArgs publish the port on loopback under its own number, so that an
// address of LocalStack's means the same inside and outside; so does the stack's
// folder, for the functions' log.
func (s *stack) containerArgs(port int) []string {
	args := []string{
		"run", "--rm", "--name", s.containerName(), "--publish", fmt.Sprintf("127.0.0.1:%d:%d", port, port),
		"--volume", filepath.Join(s.root, "infra", "localstack") + ":/invochain:ro", "--env", "PYTHONPATH=/invochain",
		"--env", fmt.Sprintf("GATEWAY_LISTEN=0.0.0.0:%d", port), "--env", "DYNAMODB_IN_MEMORY=1",
		"--volume", s.dir + ":" + s.dir, "--env", "INVOCHAIN_FUNCTION_LOG=" + s.file("functions.log"),
	}
	for _, setting := range s.localStackSettings(port) {
		args = append(args, "--env", setting)
	}
	return append(args, localStackImage)
}

func (s *stack) containerName() string {
	sum := sha256.Sum256([]byte(s.dir))
	return "invochain-" + hex.EncodeToString(sum[:4])
}

// removeContainer ends the container: the signal that ended the command which
// started it need not have reached it.
func (s *stack) removeContainer() error {
	out, err := exec.Command("docker", "rm", "--force", s.containerName()).CombinedOutput() //nolint:noctx // answers at once
	if err != nil && !strings.Contains(string(out), "No such container") {
		return fmt.Errorf("remove the container %s: %s", s.containerName(), out)
	}
	return nil
}

func engineRuns(ctx context.Context) bool {
	return exec.CommandContext(ctx, "docker", "info").Run() == nil
}
