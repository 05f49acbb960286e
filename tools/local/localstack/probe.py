"""Runs testdata/probe, a Go function, for the tests of the sandbox."""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

from rendezvous import Invocation
from runtime_api import RuntimeAPI
from sandbox import Sandbox

HERE = pathlib.Path(__file__).parent
LONG = 30.0  # seconds; longer than anything here takes, even on a busy machine


def setUpModule():
    Case.folder = unittest.enterModuleContext(tempfile.TemporaryDirectory())
    Case.api = RuntimeAPI()
    unittest.addModuleCleanup(Case.api.server_close)
    unittest.addModuleCleanup(Case.api.shutdown)
    subprocess.run(["go", "build", "-o", f"{Case.folder}/bootstrap", "./testdata/probe"], cwd=HERE, check=True,
                   env={**os.environ, "CGO_ENABLED": "0"})


class Case(unittest.TestCase):
    def sandbox(self, started=True, init_limit=LONG, **env):
        fd, log = tempfile.mkstemp(dir=self.folder)
        os.close(fd)
        s = Sandbox(self.api, self.folder, env, log, init_limit)
        self.addCleanup(s.stop)
        if started:
            s.start()
        return s


def call(sandbox, do="", timeout=LONG, request="r-1", **more):
    event = json.dumps({"do": do, **more}).encode()
    body, is_error = sandbox.invoke(Invocation(request, "arn:f", "Root=1-2-3", event, timeout))
    return json.loads(body), is_error


def running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition):
    end = time.monotonic() + LONG
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.005)
