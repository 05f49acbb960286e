"""A runtime executor of LocalStack that runs functions as processes of this machine.

LocalStack finds it by the entry point in process_executor-1.dist-info if
LAMBDA_RUNTIME_EXECUTOR is process.
"""

import os
import tempfile
import time

from localstack import config
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from rendezvous import Invocation
from runtime_api import RuntimeAPI
from sandbox import InitFailed, Sandbox, error


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    name = "process"

    def load(self, *args, **kwargs) -> type[RuntimeExecutor]:
        return ProcessExecutor


class ProcessExecutor(RuntimeExecutor):
    """One execution environment. LocalStack starts it, gives it one invocation at a time, and
    may stop it at any moment, when the function changes or is no longer needed."""

    api = RuntimeAPI()  # shared by all environments
    all_output = os.environ.get("INVOCHAIN_FUNCTION_LOG")  # path of the log of all functions

    def __init__(self, id: str, function_version: FunctionVersion):
        super().__init__(id, function_version)
        fd, self.log = tempfile.mkstemp(suffix=".log")
        os.close(fd)
        self.sandbox: Sandbox | None = None

    def start(self, env_vars: dict[str, str]):
        function = self.function_version.config
        if not (function.runtime or "").startswith("provided"):
            refusal = error("Runtime.Unsupported", f"only provided.* runtimes run as a process, not {function.runtime}")
            raise StatusErrorException("unsupported runtime", payload=refusal)
        env = {name: str(value) for name, value in env_vars.items()}
        env.setdefault("TMPDIR", tempfile.gettempdir())
        self.sandbox = Sandbox(self.api, str(function.code.get_unzipped_code_location()), env, self.log)
        try:
            self.sandbox.start()
        except InitFailed as failed:
            self._pass_on(self.sandbox.new_output())
            raise StatusErrorException("init failed", payload=failed.args[0]) from failed

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        request_id, function = payload["invoke-id"], self.function_version.config
        invocation = Invocation(request_id, payload["invoked-function-arn"], payload["trace-id"],
                                (payload["payload"] or "").encode(), float(function.timeout))
        began = time.monotonic()
        body, is_error = self.sandbox.invoke(invocation)
        took = (time.monotonic() - began) * 1000
        printed = self.sandbox.new_output()
        self._pass_on(printed)
        logs = (f"START RequestId: {request_id} Version: {self.function_version.id.qualifier}\n"
                f"{printed}END RequestId: {request_id}\n"
                f"REPORT RequestId: {request_id}\tDuration: {took:.2f} ms\tMemory Size: {function.memory_size} MB\n")
        return InvocationResult(request_id, body, is_error, logs)

    def stop(self):
        if self.sandbox is not None:
            self.sandbox.stop()
            self._pass_on(self.sandbox.new_output())
        os.unlink(self.log)

    def _pass_on(self, printed: str):
        """Appends output to the log of all functions."""
        if self.all_output is None:
            return
        name = self.function_version.id.function_name
        with open(self.all_output, "a", encoding="utf-8") as f:
            f.write("".join(f"{name} {line}\n" for line in printed.splitlines() if line.strip()))

    def get_logs(self) -> str:
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Returns the endpoint of LocalStack's own runtime client, which is not used here."""
        return f"http://127.0.0.1:{config.GATEWAY_LISTEN[0].port}"

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion):
        if function_version.config.code:
            function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion):
        """Does nothing: prepare_version only prepares the code, which LocalStack removes."""
