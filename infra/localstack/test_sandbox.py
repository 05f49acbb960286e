"""The executor's processes, with a real Go function: testdata/probe.

    python3.13 -m unittest discover infra/localstack
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

from rendezvous import Invocation
from runtime_api import RuntimeAPI
from sandbox import InitFailed, Sandbox

HERE = pathlib.Path(__file__).parent
LONG = 30.0  # seconds that nothing here takes, on a busy machine either


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
    body, is_error = sandbox.invoke(Invocation(request, "arn:f", "Root=1-2-3", json.dumps({"do": do, **more}).encode(), timeout))
    return json.loads(body), is_error


class Answers(Case):
    def test_one_process_answers_again_and_again(self):
        s = self.sandbox()
        first, again = call(s, "a", request="r-1"), call(s, "b", request="r-2")
        self.assertEqual(first[0]["pid"], again[0]["pid"])
        self.assertEqual([("a", "r-1", False), ("b", "r-2", False)],
                         [(r["said"], r["request_id"], e) for r, e in (first, again)])

    def test_its_deadline_is_its_time_limit(self):
        left = call(self.sandbox(), timeout=20)[0]["left_ms"]
        self.assertGreater(left, 10_000)
        self.assertLessEqual(left, 20_000)

    def test_it_sees_the_environment_that_it_is_given_and_no_other(self):
        os.environ["OURS"] = "secret"
        s = self.sandbox(THEIRS="x")
        self.assertEqual("x", call(s, "env", name="THEIRS")[0]["said"])
        self.assertEqual("", call(s, "env", name="OURS")[0]["said"])
        self.assertEqual(self.folder, call(s, "env", name="LAMBDA_TASK_ROOT")[0]["said"])

    def test_what_it_printed_is_there_with_its_answer(self):
        s = self.sandbox()
        for line in ("one", "two"):
            call(s, "print", name=line)
            self.assertEqual(f"{line}\n{line}\n", s.new_output())

    def test_each_answer_goes_to_its_own_caller(self):
        sandboxes = [self.sandbox() for _ in range(8)]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for _ in range(20):
                said = pool.map(lambda i: call(sandboxes[i], f"do-{i}", request=f"r-{i}")[0], range(8))
                self.assertEqual([(f"do-{i}", f"r-{i}") for i in range(8)], [(r["said"], r["request_id"]) for r in said])


class Failures(Case):
    def test_an_error_keeps_the_process(self):
        s = self.sandbox()
        before = call(s)[0]["pid"]
        self.assertEqual(({"errorMessage": "as told", "errorType": "errorString"}, True), call(s, "fail"))
        self.assertEqual(before, call(s)[0]["pid"])

    def test_a_panic_is_told_and_the_next_call_gets_another_process(self):
        s = self.sandbox()
        for _ in range(50):  # its own error and its end race
            before = call(s)[0]["pid"]
            told, is_error = call(s, "panic")
            self.assertEqual(("as told", "string", True), (told["errorMessage"], told["errorType"], is_error))
            after, is_error = call(s)
            self.assertFalse(is_error, after)
            self.assertNotEqual(before, after["pid"])

    def test_an_exit_is_a_runtime_exit_error(self):
        s = self.sandbox()
        for _ in range(20):
            told, is_error = call(s, "exit", n=7)
            self.assertEqual(("Runtime.ExitError", True), (told["errorType"], is_error))
            self.assertIn("r-1", told["errorMessage"])
            self.assertIn("exit status 7", told["errorMessage"])
        self.assertFalse(call(s)[1])

    def test_one_that_ends_behind_its_answer_costs_no_invocation(self):
        s = self.sandbox()
        for micros in range(0, 3000, 50):  # from before its answer is sent to after it asked again
            told, is_error = call(s, "linger", n=micros)
            if is_error:
                self.assertEqual("Runtime.ExitError", told["errorType"])
            told, is_error = call(s, "next")
            self.assertTrue(not is_error or told["errorType"] == "Runtime.ExitError", told)

    def test_a_timeout_ends_the_process(self):
        s = self.sandbox()
        before = call(s)[0]["pid"]
        began = time.monotonic()
        told, is_error = call(s, "sleep", n=60_000, timeout=0.2)
        self.assertLess(time.monotonic() - began, LONG)
        self.assertEqual(({"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: r-1 Error: Task timed out after 0.20 seconds"}, True),
                         (told, is_error))
        self.assertFalse(os.path.exists(f"/proc/{before}"))
        self.assertFalse(call(s)[1])

    def test_an_answer_at_the_time_limit_is_an_answer_or_a_timeout(self):
        s = self.sandbox()
        for n in range(30):
            told, is_error = call(s, "sleep", n=20, timeout=0.018 + n / 10_000, request=f"r-{n}")
            self.assertEqual("Sandbox.Timedout" if is_error else "sleep", told["errorType" if is_error else "said"], told)
            self.assertEqual(f"r-{n}", call(s, request=f"r-{n}")[0]["request_id"])

    def test_an_answer_over_six_megabytes_is_refused(self):
        s = self.sandbox()
        self.assertFalse(call(s, "big", n=6_200_000)[1])
        told, is_error = call(s, "big", n=6_300_000)
        self.assertEqual(("Function.ResponseSizeTooLarge", True), (told["errorType"], is_error))
        self.assertFalse(call(s)[1])


class Starts(Case):
    def fails(self, init, kind, message, **more):
        s = self.sandbox(started=False, PROBE_INIT=init, **more)
        with self.assertRaises(InitFailed) as failed:
            s.start()
        told = json.loads(failed.exception.args[0])
        self.assertEqual(kind, told["errorType"])
        self.assertIn(message, told["errorMessage"])
        self.assertFalse(s._process.alive())

    def test_an_exit_in_init(self):
        self.fails("exit", "Runtime.ExitError", "exit status 3")

    def test_a_panic_in_init(self):
        self.fails("panic", "Runtime.ExitError", "exit status 2")

    def test_a_hanging_init(self):
        self.fails("hang", "Sandbox.Timedout", "Init timed out after 0.20 seconds", init_limit=0.2)

    def test_a_slow_init_is_waited_for(self):
        self.assertFalse(call(self.sandbox(PROBE_INIT="slow"))[1])

    def test_no_bootstrap(self):
        s = Sandbox(self.api, os.path.join(self.folder, "nowhere"), {}, os.path.join(self.folder, "log"))
        with self.assertRaisesRegex(InitFailed, "Runtime.InvalidEntrypoint"):
            s.start()

    def test_two_that_end_before_they_take_it_are_an_exit_error(self):
        s = self.sandbox()
        call(s, "exit")
        start = s.start

        def start_and_end():
            start()
            s._process.kill()

        s.start = start_and_end
        told, is_error = call(s)
        self.assertEqual(("Runtime.ExitError", True), (told["errorType"], is_error))
        self.assertIn("signal: SIGKILL", told["errorMessage"])

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
        self.assertLess(after - before, 100, "200 ticks would have passed")

    def test_stop_ends_it_frozen_or_at_work(self):
        for work in (None, lambda s: call(s, "sleep", n=60_000)):
            s = self.sandbox()
            pid = call(s)[0]["pid"]
            with concurrent.futures.ThreadPoolExecutor() as pool:
                result = pool.submit(work, s) if work else None
                if work:
                    wait_for(lambda: s._process.meeting._taken is not None)
                s.stop()
                if work:
                    self.assertEqual("Runtime.ExitError", result.result(LONG)[0]["errorType"])
            self.assertFalse(os.path.exists(f"/proc/{pid}"))
            self.assertEqual("Runtime.ExitError", call(s)[0]["errorType"], "it does not start again")

    def test_stop_while_it_starts(self):
        s = self.sandbox(started=False, PROBE_INIT="hang")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            starting = pool.submit(s.start)
            wait_for(lambda: s._process is not None)
            s.stop()
            self.assertIsInstance(starting.exception(LONG), InitFailed)
        self.assertFalse(s._process.alive())

    def test_it_dies_with_us(self):
        program = (f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
                   "from runtime_api import RuntimeAPI; from sandbox import Sandbox; import os\n"
                   f"s = Sandbox(RuntimeAPI(), {self.folder!r}, {{}}, {self.folder + '/log'!r}); s.start()\n"
                   "print(s._process._popen.pid, flush=True); os.kill(os.getpid(), 9)")
        out = subprocess.run([os.sys.executable, "-c", program], capture_output=True, text=True, check=False).stdout
        wait_for(lambda: not running(int(out)))


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


if __name__ == "__main__":
    unittest.main()
