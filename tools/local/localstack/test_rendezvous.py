"""The orders of events that real processes come to only now and then.

Each test plays both sides; what the caller waits for happens in a thread.
"""

import concurrent.futures
import unittest

from rendezvous import Crashed, Gone, Invocation, Rendezvous, TimedOut

LONG = 30.0


def invocation(request_id="r-1", timeout=LONG):
    return Invocation(request_id, "arn:f", "Root=1", b"{}", timeout)


class Orders(unittest.TestCase):
    def setUp(self):
        self.meeting = Rendezvous()
        self.pool = self.enterContext(concurrent.futures.ThreadPoolExecutor())

    def taken(self, request_id="r-1", timeout=LONG):
        """An invocation that the process has taken; what its caller will get."""
        outcome = self.pool.submit(self.meeting.invoke, invocation(request_id, timeout), LONG)
        self.assertEqual(request_id, self.meeting.take()[0].request_id)
        return outcome

    def test_an_answer_before_the_end_counts(self):
        outcome = self.taken()
        with self.meeting._changed:  # the caller sees both at once
            self.meeting._taken, self.meeting._outcome = None, (b"1", False)
            self.meeting._ended = "exit status 1"
            self.meeting._changed.notify_all()
        self.assertEqual((b"1", False), outcome.result(LONG))

    def test_an_answer_after_the_end_does_not(self):
        outcome = self.taken()
        self.meeting.ended("exit status 1")
        with self.assertRaisesRegex(Crashed, "exit status 1"):
            outcome.result(LONG)

    def test_an_answer_after_the_time_limit_is_refused(self):
        outcome = self.taken(timeout=0.01)
        with self.assertRaises(TimedOut):
            outcome.result(LONG)
        self.assertFalse(self.meeting.answer("r-1", b"late", False))

    def test_an_answer_to_another_invocation_is_refused(self):
        outcome = self.taken("r-2")
        self.assertFalse(self.meeting.answer("r-1", b"of before", False))
        self.assertTrue(self.meeting.answer("r-2", b"2", False))
        self.assertEqual((b"2", False), outcome.result(LONG))

    def test_a_second_answer_is_refused(self):
        outcome = self.taken()
        self.assertTrue(self.meeting.answer("r-1", b"1", False))
        self.assertFalse(self.meeting.answer("r-1", b"2", True))
        self.assertEqual((b"1", False), outcome.result(LONG))

    def test_what_was_not_taken_is_given_back(self):
        with self.assertRaisesRegex(Gone, "stuck"):
            self.meeting.invoke(invocation(), 0.01)
        self.meeting.ended("exit status 1")
        with self.assertRaisesRegex(Gone, "exit status 1"):
            self.meeting.invoke(invocation(), LONG)
        self.assertIsNone(self.meeting.take(), "nobody works on it behind our back")

    def test_its_own_word_on_a_failed_init_comes_before_its_end(self):
        self.meeting.init_failed(b"its own")
        self.meeting.ended("exit status 1")
        self.assertEqual(b"its own", self.meeting.await_init(LONG))


if __name__ == "__main__":
    unittest.main()
