"""Tests of the answers of a sandbox, whatever happens to its process.

    python3 -m unittest discover tools/local/localstack
"""

import concurrent.futures
import os
import time
import unittest

from probe import LONG, Case, call, setUpModule  # noqa: F401  unittest calls it


class Answers(Case):
    def test_one_process_answers_many_invocations(self):
        s = self.sandbox()
        first, again = call(s, "a", request="r-1"), call(s, "b", request="r-2")
        self.assertEqual(first[0]["pid"], again[0]["pid"])
        self.assertEqual([("a", "r-1", False), ("b", "r-2", False)],
                         [(r["said"], r["request_id"], e) for r, e in (first, again)])

    def test_deadline_is_the_time_limit(self):
        left = call(self.sandbox(), timeout=20)[0]["left_ms"]
        self.assertGreater(left, 10_000)
        self.assertLessEqual(left, 20_000)

    def test_environment_is_the_given_one_and_no_other(self):
        os.environ["OURS"] = "secret"
        s = self.sandbox(THEIRS="x")
        self.assertEqual("x", call(s, "env", name="THEIRS")[0]["said"])
        self.assertEqual("", call(s, "env", name="OURS")[0]["said"])
        self.assertEqual(self.folder, call(s, "env", name="LAMBDA_TASK_ROOT")[0]["said"])

    def test_output_is_complete_with_the_answer(self):
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
    def test_the_process_survives_an_error(self):
        s = self.sandbox()
        before = call(s)[0]["pid"]
        self.assertEqual(({"errorMessage": "as requested", "errorType": "errorString"}, True), call(s, "fail"))
        self.assertEqual(before, call(s)[0]["pid"])

    def test_a_panic_is_reported_and_the_process_replaced(self):
        s = self.sandbox()
        for _ in range(50):  # the report and the end of the process race
            before = call(s)[0]["pid"]
            answer, is_error = call(s, "panic")
            self.assertEqual(("as requested", "string", True), (answer["errorMessage"], answer["errorType"], is_error))
            after, is_error = call(s)
            self.assertFalse(is_error, after)
            self.assertNotEqual(before, after["pid"])

    def test_an_exit_is_a_runtime_exit_error(self):
        s = self.sandbox()
        for _ in range(20):
            answer, is_error = call(s, "exit", n=7)
            self.assertEqual(("Runtime.ExitError", True), (answer["errorType"], is_error))
            self.assertIn("r-1", answer["errorMessage"])
            self.assertIn("exit status 7", answer["errorMessage"])
        self.assertFalse(call(s)[1])

    def test_a_process_that_ends_after_its_answer_fails_no_invocation(self):
        s = self.sandbox()
        for micros in range(0, 3000, 50):  # from before the answer is sent until after the next request
            answer, is_error = call(s, "linger", n=micros)
            if is_error:
                self.assertEqual("Runtime.ExitError", answer["errorType"])
            answer, is_error = call(s, "next")
            self.assertTrue(not is_error or answer["errorType"] == "Runtime.ExitError", answer)

    def test_a_timeout_ends_the_process(self):
        s = self.sandbox()
        before = call(s)[0]["pid"]
        began = time.monotonic()
        answer, is_error = call(s, "sleep", n=60_000, timeout=0.2)
        self.assertLess(time.monotonic() - began, LONG)
        message = "RequestId: r-1 Error: Task timed out after 0.20 seconds"
        self.assertEqual(({"errorType": "Sandbox.Timedout", "errorMessage": message}, True), (answer, is_error))
        self.assertFalse(os.path.exists(f"/proc/{before}"))
        self.assertFalse(call(s)[1])

    def test_an_answer_at_the_time_limit_is_an_answer_or_a_timeout(self):
        s = self.sandbox()
        for n in range(30):
            answer, is_error = call(s, "sleep", n=20, timeout=0.018 + n / 10_000, request=f"r-{n}")
            want, field = ("Sandbox.Timedout", "errorType") if is_error else ("sleep", "said")
            self.assertEqual(want, answer[field], answer)
            self.assertEqual(f"r-{n}", call(s, request=f"r-{n}")[0]["request_id"])

    def test_an_answer_over_six_megabytes_is_refused(self):
        s = self.sandbox()
        self.assertFalse(call(s, "big", n=6_200_000)[1])
        answer, is_error = call(s, "big", n=6_300_000)
        self.assertEqual(("Function.ResponseSizeTooLarge", True), (answer["errorType"], is_error))
        self.assertFalse(call(s)[1])


if __name__ == "__main__":
    unittest.main()
