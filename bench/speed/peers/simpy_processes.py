"""The workload in SimPy 3 or 4 as its manual writes such things: a process a call, and a resource."""

import random
import time

import simpy
from workload import GIVEN, Books, end_seconds


def main():
    draws = random.Random(GIVEN["seed"])
    draw, exponential = draws.random, draws.expovariate
    arrivals_per_second = GIVEN["arrivalsPerSecond"]
    services_per_second = 1 / GIVEN["serviceSecondsMean"]
    attempts_max, delay_base = GIVEN["attemptsMax"], GIVEN["delayBaseSeconds"]
    places = GIVEN["places"]
    env = simpy.Environment()
    workers = simpy.Resource(env, capacity=GIVEN["workers"])
    waiting = workers.queue
    books = Books()

    def call():
        begun = env.now
        books.calls += 1
        for attempt in range(1, attempts_max + 1):
            books.attempts += 1
            if len(waiting) < places:
                with workers.request() as worker:
                    yield worker
                    yield env.timeout(exponential(services_per_second))
                books.answered += 1
                books.response_seconds += env.now - begun
                return
            if attempt < attempts_max:
                yield env.timeout(draw() * delay_base * 2 ** (attempt - 1))
        books.lost += 1

    def clients():
        while True:
            yield env.timeout(exponential(arrivals_per_second))
            env.process(call())

    def book_keeper():
        yield env.timeout(GIVEN["warmUpSeconds"])
        while True:
            books.close()
            yield env.timeout(GIVEN["batchSeconds"])

    env.process(clients())
    env.process(book_keeper())
    begun = time.process_time()
    env.run(until=end_seconds())
    books.report(simpy.__version__, time.process_time() - begun)


main()
