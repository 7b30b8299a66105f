"""The workload in SimPy 2, which Debian 12 calls python3-simpy, as its manual writes such things."""

import random
import time

import SimPy
from SimPy.Simulation import Process, Resource, Simulation, hold, release, request
from workload import GIVEN, Books, end_seconds


def main():
    draws = random.Random(GIVEN["seed"])
    draw, exponential = draws.random, draws.expovariate
    arrivals_per_second = GIVEN["arrivalsPerSecond"]
    services_per_second = 1 / GIVEN["serviceSecondsMean"]
    attempts_max, delay_base = GIVEN["attemptsMax"], GIVEN["delayBaseSeconds"]
    places = GIVEN["places"]
    sim = Simulation()
    workers = Resource(capacity=GIVEN["workers"], sim=sim)
    books = Books()

    class Call(Process):
        def run(self):
            begun = sim.now()
            books.calls += 1
            for attempt in range(1, attempts_max + 1):
                books.attempts += 1
                if len(workers.waitQ) < places:
                    yield request, self, workers
                    yield hold, self, exponential(services_per_second)
                    yield release, self, workers
                    books.answered += 1
                    books.response_seconds += sim.now() - begun
                    return
                if attempt < attempts_max:
                    yield hold, self, draw() * delay_base * 2 ** (attempt - 1)
            books.lost += 1

    class Clients(Process):
        def run(self):
            while True:
                yield hold, self, exponential(arrivals_per_second)
                call = Call(sim=sim)
                sim.activate(call, call.run())

    class BookKeeper(Process):
        def run(self):
            yield hold, self, GIVEN["warmUpSeconds"]
            while True:
                books.close()
                yield hold, self, GIVEN["batchSeconds"]

    for process in (Clients(sim=sim), BookKeeper(sim=sim)):
        sim.activate(process, process.run())
    begun = time.process_time()
    sim.simulate(until=end_seconds())
    books.report(SimPy.__version__, time.process_time() - begun)


main()
