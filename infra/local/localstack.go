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

// localStackHost is LocalStack as a Python program, with infra/localstack in the
// place of the containers that it runs functions in.
func localStackHost() bed {
	const version = "3.13"
	return bed{
		name: onLocalStackHost, health: "/_localstack/health",
		needs: func() []requirement {
			return append(pythonNeeds(version),
				requirement{"javac", []string{"--version"}, func(major, _ int) bool { return major >= 17 }, "a JDK 17 or later (apt install openjdk-17-jdk-headless; DynamoDB Local runs on it)"},
				requirement{"setpriv", []string{"--version"}, func(int, int) bool { return true }, "setpriv (apt install util-linux)"})
		},
		install: func(ctx context.Context, s *stack) error {
			if err := s.venv(ctx, onLocalStack, version, "infra/localstack/requirements.txt"); err != nil {
				return err
			}
			return command(ctx, s.root, nil, "make", "--silent", "dynamodb-local")
		},
		program: func(s *stack, port int) ([]string, string, []string) {
			return s.localStackSettings(port), s.venvPython(onLocalStack), []string{filepath.Join(s.root, "infra", "localstack", "launch.py")}
		},
	}
}

// localStackSettings leave nothing outside the stack's folder and ask nobody on the
// network. OVERRIDE_IN_DOCKER: inside some container it would believe to be in its
// own, and listen on all interfaces.
func (s *stack) localStackSettings(port int) []string {
	return []string{
		fmt.Sprintf("GATEWAY_LISTEN=127.0.0.1:%d", port), fmt.Sprintf("LOCALSTACK_HOST=127.0.0.1:%d", port),
		"OVERRIDE_IN_DOCKER=0", "FILESYSTEM_ROOT=" + s.file("emulator"), "TMPDIR=" + s.file("emulator"), "XDG_CACHE_HOME=" + s.file("emulator"),
		"PERSISTENCE=0", "EAGER_SERVICE_LOADING=0", "SKIP_SSL_CERT_DOWNLOAD=1", "DISABLE_EVENTS=1", "DNS_ADDRESS=0",
		"LAMBDA_RUNTIME_EXECUTOR=process", "LAMBDA_SYNCHRONOUS_CREATE=1", "SQS_ENDPOINT_STRATEGY=path",
		"AWS_DEFAULT_REGION=" + region, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"INVOCHAIN_DYNAMODB_LOCAL=" + filepath.Join(s.cache, "dynamodb-local"),
		"INVOCHAIN_DYNAMODB_MAIN=" + filepath.Join(s.root, "tools", "dynamodb-local", "Loopback.java"),
		"INVOCHAIN_FUNCTION_LOG=" + s.file("functions.log"),
	}
}

// localStackImage is the last one that needs no account.
const localStackImage = "localstack/localstack:4.14.0"

// localStackDocker is LocalStack's image as it comes. It runs functions in
// containers of their own, which carry the stack's label.
func localStackDocker() bed {
	return bed{
		name: onLocalStackDocker, health: "/_localstack/health",
		needs: func() []requirement {
			return []requirement{{"docker", []string{"info"}, func(int, int) bool { return true }, "a Docker engine that runs (https://docs.docker.com/engine)"}}
		},
		install: func(ctx context.Context, s *stack) error {
			if exec.CommandContext(ctx, "docker", "image", "inspect", localStackImage).Run() == nil { //nolint:gosec // a constant
				return nil
			}
			return command(ctx, s.root, nil, "docker", "pull", "--quiet", localStackImage)
		},
		program: func(s *stack, port int) ([]string, string, []string) { return nil, "docker", s.containerArgs(port) },
		sweep:   (*stack).removeContainers,
	}
}

// containerArgs publish the port on loopback under its own number, so that an
// address of LocalStack's means the same inside and outside.
func (s *stack) containerArgs(port int) []string {
	name := s.containerName()
	return []string{
		"run", "--rm", "--name", name, "--label", name,
		"--publish", fmt.Sprintf("127.0.0.1:%d:%d", port, port), "--volume", "/var/run/docker.sock:/var/run/docker.sock",
		"--env", fmt.Sprintf("GATEWAY_LISTEN=0.0.0.0:%d", port), "--env", fmt.Sprintf("LOCALSTACK_HOST=localhost.localstack.cloud:%d", port),
		"--env", "MAIN_CONTAINER_NAME=" + name, "--env", "LAMBDA_DOCKER_FLAGS=--label " + name,
		"--env", "LAMBDA_SYNCHRONOUS_CREATE=1", "--env", "DISABLE_EVENTS=1", "--env", "DYNAMODB_IN_MEMORY=1", "--env", "SQS_ENDPOINT_STRATEGY=path",
		localStackImage,
	}
}

func (s *stack) containerName() string {
	sum := sha256.Sum256([]byte(s.dir))
	return "invochain-" + hex.EncodeToString(sum[:4])
}

// removeContainers ends LocalStack's container and its functions': a signal to the
// command that started it need not reach them.
func (s *stack) removeContainers() error {
	out, err := exec.Command("docker", "ps", "--all", "--quiet", "--filter", "label="+s.containerName()).Output() //nolint:noctx // answers at once
	if err != nil {
		return fmt.Errorf("list the containers: %w", err)
	}
	if ids := strings.Fields(string(out)); len(ids) > 0 {
		return exec.Command("docker", append([]string{"rm", "--force"}, ids...)...).Run() //nolint:noctx // likewise
	}
	return nil
}

func engineRuns(ctx context.Context) bool {
	return exec.CommandContext(ctx, "docker", "info").Run() == nil
}
