"""
The workload in SimPy 3 or 4 with nothing of it but timeouts and their callbacks: no process and no
resource, but a queue of our own. No way to use SimPy was found that is faster.
"""

import random
import time
from collections import deque

import simpy
from simpy.events import Timeout
from workload import GIVEN, Books, end_seconds


def main():
    draws = random.Random(GIVEN["seed"])
    draw, exponential = draws.random, draws.expovariate
    arrivals_per_second = GIVEN["arrivalsPerSecond"]
    services_per_second = 1 / GIVEN["serviceSecondsMean"]
    attempts_max, delay_base = GIVEN["attemptsMax"], GIVEN["delayBaseSeconds"]
    workers, places = GIVEN["workers"], GIVEN["places"]
    env = simpy.Environment()
    queue = deque()
    busy = 0
    books = Books()

    def after(seconds, callback):
        Timeout(env, seconds).callbacks.append(callback)

    def begin(_):
        books.calls += 1
        attempt(1, env.now)
        after(exponential(arrivals_per_second), begin)

    def attempt(number, begun):
        nonlocal busy
        books.attempts += 1
        if busy < workers:
            busy += 1
            serve(begun)
        elif len(queue) < places:
            queue.append(begun)
        elif number == attempts_max:
            books.lost += 1
        else:
            delay = draw() * delay_base * 2 ** (number - 1)
            after(delay, lambda _: attempt(number + 1, begun))

    def serve(begun):
        def end(_):
            nonlocal busy
            books.answered += 1
            books.response_seconds += env.now - begun
            if queue:
                serve(queue.popleft())
            else:
                busy -= 1

        after(exponential(services_per_second), end)

    def close(_):
        books.close()
        after(GIVEN["batchSeconds"], close)

    after(exponential(arrivals_per_second), begin)
    after(GIVEN["warmUpSeconds"], close)
    begun = time.process_time()
    env.run(until=end_seconds())
    books.report(simpy.__version__, time.process_time() - begun)


main()
