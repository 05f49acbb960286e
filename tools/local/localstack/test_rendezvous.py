"""Orders of events that are rare with real processes.

Each test acts as the process and as the caller; the caller waits in a thread.
"""

import concurrent.futures
import unittest

from rendezvous import Crashed, Gone, Invocation, Rendezvous, TimedOut

LONG = 30.0


def invocation(request_id="r-1", timeout=LONG):
    return Invocation(request_id, "arn:f", "Root=1", b"{}", timeout)


class Orders(unittest.TestCase):
    def setUp(self):
        self.rendezvous = Rendezvous()
        self.pool = self.enterContext(concurrent.futures.ThreadPoolExecutor())

    def take(self, request_id="r-1", timeout=LONG):
        """Lets the process take an invocation, and returns the future outcome of its caller."""
        outcome = self.pool.submit(self.rendezvous.invoke, invocation(request_id, timeout), LONG)
        self.assertEqual(request_id, self.rendezvous.take()[0].request_id)
        return outcome

    def test_an_answer_before_the_end_is_returned(self):
        outcome = self.take()
        with self.rendezvous._changed:  # the caller sees both changes at once
            self.rendezvous._taken, self.rendezvous._outcome = None, (b"1", False)
            self.rendezvous._ended = "exit status 1"
            self.rendezvous._changed.notify_all()
        self.assertEqual((b"1", False), outcome.result(LONG))

    def test_an_answer_after_the_end_is_ignored(self):
        outcome = self.take()
        self.rendezvous.ended("exit status 1")
        with self.assertRaisesRegex(Crashed, "exit status 1"):
            outcome.result(LONG)

    def test_an_answer_after_the_time_limit_is_refused(self):
        outcome = self.take(timeout=0.01)
        with self.assertRaises(TimedOut):
            outcome.result(LONG)
        self.assertFalse(self.rendezvous.answer("r-1", b"late", False))

    def test_an_answer_to_another_invocation_is_refused(self):
        outcome = self.take("r-2")
        self.assertFalse(self.rendezvous.answer("r-1", b"of another", False))
        self.assertTrue(self.rendezvous.answer("r-2", b"2", False))
        self.assertEqual((b"2", False), outcome.result(LONG))

    def test_a_second_answer_is_refused(self):
        outcome = self.take()
        self.assertTrue(self.rendezvous.answer("r-1", b"1", False))
        self.assertFalse(self.rendezvous.answer("r-1", b"2", True))
        self.assertEqual((b"1", False), outcome.result(LONG))

    def test_an_invocation_that_was_not_taken_is_withdrawn(self):
        with self.assertRaisesRegex(Gone, "stuck"):
            self.rendezvous.invoke(invocation(), 0.01)
        self.rendezvous.ended("exit status 1")
        with self.assertRaisesRegex(Gone, "exit status 1"):
            self.rendezvous.invoke(invocation(), LONG)
        self.assertIsNone(self.rendezvous.take(), "the process must not take it later")

    def test_a_reported_init_error_is_returned_before_the_end(self):
        self.rendezvous.init_failed(b"reported")
        self.rendezvous.ended("exit status 1")
        self.assertEqual(b"reported", self.rendezvous.await_init(LONG))


if __name__ == "__main__":
    unittest.main()
