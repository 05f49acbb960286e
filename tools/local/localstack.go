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

// localStackMaxConcurrent is low because of cold starts: a hundred concurrent requests would
// take LocalStack longer than the time limit of a call between functions.
const localStackMaxConcurrent = 8

// localStackHost returns LocalStack as a Python program. The plugin in
// tools/local/localstack runs the functions, instead of containers.
func localStackHost() emulator {
	const version = "3.13"
	return emulator{
		name: onLocalStackHost, health: "/_localstack/health", maxConcurrent: localStackMaxConcurrent,
		requirements: func() []requirement {
			setpriv := requirement{"setpriv", []string{"--version"}, anyVersion, "setpriv (apt install util-linux)"}
			return append(pythonRequirements(version), setpriv)
		},
		install: func(ctx context.Context, s *stack) error {
			err := s.installVenv(ctx, onLocalStack, version, "tools/local/localstack/requirements.txt")
			if err != nil {
				return err
			}
			return command(ctx, s.root, nil, "make", "--silent", "dynamodb-local")
		},
		command: func(s *stack, port int) (env, command []string) {
			launcher := filepath.Join(s.root, "tools", "local", "localstack", "launch.py")
			return s.localStackHostEnv(port), []string{s.venvPython(onLocalStack), launcher}
		},
	}
}

// localStackHostEnv returns the environment of the Python program. With it LocalStack writes
// only into the stack's folder and downloads nothing. Without OVERRIDE_IN_DOCKER=0 it would
// take any container that it runs in for its own image, and listen on all interfaces.
func (s *stack) localStackHostEnv(port int) []string {
	return append(s.localStackEnv(port),
		fmt.Sprintf("GATEWAY_LISTEN=127.0.0.1:%d", port), "OVERRIDE_IN_DOCKER=0", "SKIP_SSL_CERT_DOWNLOAD=1", "DNS_ADDRESS=0",
		"PYTHONPATH="+filepath.Join(s.root, "tools", "local"), // of module loopback
		"FILESYSTEM_ROOT="+s.file("emulator"), "TMPDIR="+s.file("emulator"), "XDG_CACHE_HOME="+s.file("emulator"),
		"AWS_DEFAULT_REGION="+region, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"INVOCHAIN_DYNAMODB_LOCAL="+filepath.Join(s.cache, "dynamodb-local"),
		"INVOCHAIN_DYNAMODB_MAIN="+filepath.Join(s.root, "tools", "dynamodb-local", "Loopback.java"),
		"INVOCHAIN_FUNCTION_LOG="+s.file("functions.log"),
	)
}

// localStackEnv returns the environment that the program and the image share. By default the
// poller of a queue waits a second after each batch of ten, and up to ten seconds after it
// found the queue empty.
func (s *stack) localStackEnv(port int) []string {
	return []string{
		fmt.Sprintf("LOCALSTACK_HOST=127.0.0.1:%d", port), "SQS_ENDPOINT_STRATEGY=path",
		"LAMBDA_RUNTIME_EXECUTOR=process", "LAMBDA_SYNCHRONOUS_CREATE=1",
		"LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC=0.05",
		"LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC=0.5",
		"DISABLE_EVENTS=1", "PERSISTENCE=0", "EAGER_SERVICE_LOADING=0",
	}
}

// localStackImage is the last version that requires no account.
const localStackImage = "localstack/localstack:4.14.0"

// localStackDocker returns LocalStack as a Docker image. The same plugin runs the functions
// as processes in the image, because a container takes seconds to start.
func localStackDocker() emulator {
	return emulator{
		name: onLocalStackDocker, health: "/_localstack/health", maxConcurrent: localStackMaxConcurrent,
		requirements: func() []requirement {
			want := "a running Docker engine (https://docs.docker.com/engine)"
			return []requirement{{"docker", []string{"info"}, anyVersion, want}}
		},
		install: func(ctx context.Context, s *stack) error {
			if exec.CommandContext(ctx, "docker", "image", "inspect", localStackImage).Run() == nil {
				return nil
			}
			return command(ctx, s.root, nil, "docker", "pull", "--quiet", localStackImage)
		},
		command: func(s *stack, port int) (env, command []string) { return nil, s.dockerCommand(port) },
		cleanUp: (*stack).removeContainer,
	}
}

// dockerCommand returns the command that runs the image. Its port is published on loopback
// under the same number, so that LocalStack's URLs are valid inside and outside. The stack's
// folder has the same path inside, for the functions' log.
func (s *stack) dockerCommand(port int) []string {
	args := []string{
		"docker", "run", "--rm", "--name", s.containerName(), "--publish", fmt.Sprintf("127.0.0.1:%d:%d", port, port),
		"--volume", filepath.Join(s.root, "tools", "local", "localstack") + ":/invochain:ro",
		"--env", "PYTHONPATH=/invochain",
		"--env", fmt.Sprintf("GATEWAY_LISTEN=0.0.0.0:%d", port), "--env", "DYNAMODB_IN_MEMORY=1",
		"--volume", s.dir + ":" + s.dir, "--env", "INVOCHAIN_FUNCTION_LOG=" + s.file("functions.log"),
	}
	for _, setting := range s.localStackEnv(port) {
		args = append(args, "--env", setting)
	}
	return append(args, localStackImage)
}

func (s *stack) containerName() string {
	sum := sha256.Sum256([]byte(s.dir))
	return "invochain-" + hex.EncodeToString(sum[:4])
}

// removeContainer ends the container, because a signal to the docker command does not always
// reach it.
func (s *stack) removeContainer() error {
	remove := exec.Command("docker", "rm", "--force", s.containerName()) //nolint:noctx // returns at once
	out, err := remove.CombinedOutput()
	if err != nil && !strings.Contains(string(out), "No such container") {
		return fmt.Errorf("remove the container %s: %s", s.containerName(), out)
	}
	return nil
}

// engineRuns reports whether a Docker engine runs on this machine.
func engineRuns(ctx context.Context) bool {
	return exec.CommandContext(ctx, "docker", "info").Run() == nil
}
