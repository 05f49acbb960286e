"""Tests of the start and the end of a sandbox's process."""

import concurrent.futures
import json
import os
import subprocess
import sys
import time
import unittest

from probe import HERE, LONG, Case, call, running, setUpModule, wait_for  # noqa: F401  unittest calls it
from sandbox import InitFailed, Sandbox


class Starts(Case):
    def assert_fails(self, init, kind, message, **more):
        s = self.sandbox(started=False, PROBE_INIT=init, **more)
        with self.assertRaises(InitFailed) as failed:
            s.start()
        answer = json.loads(failed.exception.args[0])
        self.assertEqual(kind, answer["errorType"])
        self.assertIn(message, answer["errorMessage"])
        self.assertFalse(s._process.alive())

    def test_an_exit_in_init(self):
        self.assert_fails("exit", "Runtime.ExitError", "exit status 3")

    def test_a_panic_in_init(self):
        self.assert_fails("panic", "Runtime.ExitError", "exit status 2")

    def test_a_hanging_init(self):
        self.assert_fails("hang", "Sandbox.Timedout", "Init timed out after 0.20 seconds", init_limit=0.2)

    def test_a_slow_init_is_waited_for(self):
        self.assertFalse(call(self.sandbox(PROBE_INIT="slow"))[1])

    def test_no_bootstrap(self):
        s = Sandbox(self.api, os.path.join(self.folder, "nowhere"), {}, os.path.join(self.folder, "log"))
        with self.assertRaisesRegex(InitFailed, "Runtime.InvalidEntrypoint"):
            s.start()

    def test_two_processes_that_end_before_they_take_the_invocation(self):
        s = self.sandbox()
        call(s, "exit")
        start = s.start

        def start_and_end():
            start()
            s._process.kill()

        s.start = start_and_end
        answer, is_error = call(s)
        self.assertEqual(("Runtime.ExitError", True), (answer["errorType"], is_error))
        self.assertIn("signal: SIGKILL", answer["errorMessage"])

    def test_an_init_that_fails_after_a_crash_is_the_answer(self):
        s = self.sandbox()
        call(s, "exit")
        s._env["PROBE_INIT"] = "exit"
        self.assertIn("exit status 3", call(s)[0]["errorMessage"])


class Ends(Case):
    def test_it_is_frozen_between_invocations(self):
        s = self.sandbox()
        call(s)
        before = call(s)[0]["ticks"]
        time.sleep(1)
        after = call(s)[0]["ticks"]
        self.assertLess(after - before, 100, "a running process counts 200 ticks")

    def test_stop_ends_a_frozen_process_and_a_busy_one(self):
        for work in (None, lambda s: call(s, "sleep", n=60_000)):
            s = self.sandbox()
            pid = call(s)[0]["pid"]
            with concurrent.futures.ThreadPoolExecutor() as pool:
                result = pool.submit(work, s) if work else None
                if work:
                    wait_for(lambda: s._process.rendezvous._taken is not None)
                s.stop()
                if work:
                    self.assertEqual("Runtime.ExitError", result.result(LONG)[0]["errorType"])
            self.assertFalse(os.path.exists(f"/proc/{pid}"))
            self.assertEqual("Runtime.ExitError", call(s)[0]["errorType"], "a stopped sandbox starts no process")

    def test_stop_during_the_start(self):
        s = self.sandbox(started=False, PROBE_INIT="hang")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            starting = pool.submit(s.start)
            wait_for(lambda: s._process is not None)
            s.stop()
            self.assertIsInstance(starting.exception(LONG), InitFailed)
        self.assertFalse(s._process.alive())

    def test_it_ends_with_its_parent(self):
        program = (f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
                   "from runtime_api import RuntimeAPI; from sandbox import Sandbox; import os\n"
                   f"s = Sandbox(RuntimeAPI(), {self.folder!r}, {{}}, {self.folder + '/log'!r}); s.start()\n"
                   "print(s._process._popen.pid, flush=True); os.kill(os.getpid(), 9)")
        out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False).stdout
        wait_for(lambda: not running(int(out)))


if __name__ == "__main__":
    unittest.main()
