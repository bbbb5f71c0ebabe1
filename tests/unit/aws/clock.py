"""A clock that only sleeping advances."""


class FakeClock:
    """Counts seconds; `at` holds what to do at some of them."""

    def __init__(self):
        self.now = 1_000.0
        self.at = {}

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        for time in [time for time in self.at if time <= self.now]:
            self.at.pop(time)()
