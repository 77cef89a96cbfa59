# SPDX-License-Identifier: Apache-2.0
"""One session: rounds, in each of which everything is measured of everyone, in turns."""

import dataclasses
import time

from . import h2load, messages, probes
from .contenders import CONTENDERS, LEAST, OURS, PYTHON
from .percentiles import percentiles
from .servers import Server, free_port

PING_PONG = "ping_pong"


@dataclasses.dataclass(frozen=True)
class Effort:
    rounds: int
    load_seconds: float  # of a run of h2load for its rate
    log_seconds: float  # of one for its latencies
    calls: int  # single ones, one after the other
    silences: int  # a round, of two seconds
    starts: int
    open_seconds: float
    many_calls: int  # over 1,000 connections, for the memory that they leave behind


FULL = Effort(rounds=5, load_seconds=2, log_seconds=1, calls=5000, silences=20, starts=3, open_seconds=5,
              many_calls=1_000_000)
QUICK = Effort(rounds=2, load_seconds=0.5, log_seconds=0.25, calls=500, silences=3, starts=1, open_seconds=2,
               many_calls=50_000)
SILENCE = 2.0  # seconds
GIVEN_BACK = 7.0  # seconds after which quiet threads of ours have given their memory back
SINGLE_TURNS = 20  # into which the single calls to a server are divided
BATCH_CALLS = {1: 1000, 10: 1000, 100: 1000, 1_000: 500, 10_000: 200}  # of a full round


def turns(items, index):
    """The items, beginning with another one each time, so that none always follows the same one."""
    first = index % len(items)
    return items[first:] + items[:first]


class Session:
    def __init__(self, programs, effort, only, say):
        self.programs, self.effort, self.say = programs, effort, say
        self.probes = probes.Probes(programs.folder)
        self.request = programs.messages.path("request")
        self.expected = programs.messages.expected(programs.path("model.json"))
        self.names = [each.name for each in CONTENDERS if each.name in programs.commands and
                      (not only or each.name in only or each.name == OURS)]
        self.tls = {each.name for each in CONTENDERS if each.tls}
        self.found = {kind: {} for kind in (
            "loads", "single", "silence", "start", "resident", "batches", "open_loop", "open_loop_as_ours", "many_calls")}
        self.found |= {"rounds": 0, "failures": []}

    def _add(self, kind, *names, **figures):
        """Appends each figure to its list, one value a round."""
        place = self.found[kind]
        for name in names:
            place = place.setdefault(name, {})
        for name, value in figures.items():
            place.setdefault(name, []).append(value)

    def _try(self, what, function, *arguments):
        """Measures; what fails is told and kept, and the rest goes on."""
        try:
            return function(*arguments)
        except h2load.Failed as error:
            self.say(f"  FAILED {what}: {error}")
            self.found["failures"].append(f"round {self.found['rounds'] + 1}, {what}: {error}")
            return None

    def round(self, index):
        self._starts(index)
        servers = {}
        try:
            self._serve(servers)
            self._loads(servers, index)
            self._single(servers, index)
            if OURS in servers:
                self._batches(servers)
            self._open_loop(servers, index)
            self._silence(servers)
            for name, server in servers.items():
                self._add("resident", name, after=server.memory(), peak=server.memory("VmHWM"))
        finally:
            for server in servers.values():
                server.stop()
        if OURS in self.names:
            self._try("many calls", self._many_calls)
        self.found["rounds"] += 1

    def _starts(self, index):
        for name in turns(self.names, index):
            if name in self.tls:
                continue  # first_answer speaks plaintext
            for _ in range(self.effort.starts):
                port = free_port()
                started = self._try(f"start of {name}", self.probes.first_answer, port, self.request,
                                    self.programs.command(name, port))
                if started:
                    self._add("start", name, seconds=started["seconds"])
                    self._add("resident", name, idle=started["resident"])

    def _serve(self, servers):
        """Starts everybody and checks their answers: who is wrong does not take part."""
        for name in [*self.names, PING_PONG]:
            ping_pong = [str(self.programs.path(PING_PONG)), "serve"]
            command = ping_pong if name == PING_PONG else self.programs.command(name)
            servers[name] = Server(name, command, self.programs.folder)
        for name in list(servers):
            wrong = servers[name].wait()
            if not wrong and name != PING_PONG and name not in self.tls:
                wrong = self.programs.messages.check(servers[name].port, self.expected)
            if wrong:
                self.say(f"  FAILED {name}: {wrong}")
                self.found["failures"].append(f"{name}: {wrong}")
                servers.pop(name).stop()

    def _loads(self, servers, index):
        for number, load in enumerate(h2load.LOADS):
            for name in turns([name for name in self.names if name in servers], index + number):
                self._try(f"{load.name} on {name}", self._load, load, servers[name])

    def _load(self, load, server):
        tls = server.name in self.tls
        about = 0.0
        try:
            about = h2load.measure(load, server, self.request, tls, max(0.3, self.effort.load_seconds / 5))["rate"]
        except h2load.Failed:
            pass  # it only warms up, and what is wrong will show again
        rate = h2load.measure(load, server, self.request, tls, self.effort.load_seconds, about)
        took = h2load.latencies(load, server, self.request, tls, self.effort.log_seconds, about)
        self._add("loads", load.name, server.name, **rate, **took)
        self.say(f"  {load.name:7} {server.name:14} {rate['rate']:10,.0f}/s {1e6 * rate['server_seconds']:8.2f} µs "
                 f"p99 {1e3 * took['p99']:.3f} ms")

    def _single(self, servers, index):
        """One call at a time from the leanest client there is, and the same bytes as a ping-pong. In many short turns:
        whether the kernel keeps client and server on one processor decides more than the server does."""
        sent, answered = self.request.stat().st_size, len(messages.ANSWER)
        names = [name for name in servers if name not in self.tls]
        seconds = {name: [] for name in names}
        for turn in range(SINGLE_TURNS):
            for name in turns(names, index + turn):
                count = max(1, self.effort.calls // SINGLE_TURNS // (10 if name == PYTHON else 1))
                if name == PING_PONG:
                    took = self._try(name, self.probes.ping_pong, servers[name].port, sent, answered, count, count // 5)
                else:
                    took = self._try(f"single calls of {name}", self._call_times, [servers[name].port], count,
                                     count // 5)
                    took = took and took[0]
                seconds[name] += took or []
        for name in names:
            if seconds[name]:
                took = percentiles(seconds[name])
                self._add("single", name, **took)
                self.say(f"  single  {name:14} p50 {1e6 * took['p50']:8.1f} µs p99 {1e6 * took['p99']:8.1f} µs")

    def _call_times(self, ports, count, warm, pause=0.0):
        return self.probes.call_times(ports, messages.PREDICT, self.request, count, warm, pause,
                                      self.programs.messages.path("answer"))

    def _silence(self, servers):
        """The first call after two silent seconds. All servers are silent at once and called in turn."""
        names = [name for name in servers if name not in self.tls and name != PING_PONG]
        took = self._try("calls after silence", self._call_times, [servers[name].port for name in names],
                         self.effort.silences, 1, SILENCE)
        for name, seconds in zip(names, took or []):
            self._add("silence", name, seconds=seconds)

    def _batches(self, servers):
        for rows in messages.BATCHES:
            self._try(f"batch of {rows}", self._batch, servers, rows)

    def _batch(self, servers, rows):
        request = self.programs.messages.path(f"batch-{rows}")
        wrong, answered = self.programs.messages.check_batch(servers[OURS].port, rows, self.expected)
        if wrong:
            raise h2load.Failed(wrong)
        count = max(20, BATCH_CALLS[rows] * self.effort.calls // FULL.calls)
        loopback = self.probes.ping_pong(servers[PING_PONG].port, request.stat().st_size, answered, count, count // 5)
        [took] = self.probes.call_times([servers[OURS].port], messages.INFER, request, count, count // 5)
        handler = self.probes.handler(self.programs.product, self.programs.path("model.json"), request, count)
        self._add("batches", str(rows), loopback=percentiles(loopback)["p50"],
                  handler=percentiles(handler["seconds"])["p50"],
                  with_messages=percentiles(handler["with_messages"])["p50"], **percentiles(took))
        self.say(f"  batch of {rows:6,} {1e6 * percentiles(took)['p50']:8.1f} µs, "
                 f"loopback {1e6 * percentiles(loopback)['p50']:8.1f} µs")

    def _open_loop(self, servers, index):
        """Calls at fixed times, half as many as this round's heaviest load reached, latency from when each was due. And
        once more on the limit, as many as on ours: what no server stays below here."""
        for name in turns([name for name in self.names if name in servers and name not in self.tls], index):
            rates = self.found["loads"].get(h2load.MANY.name, {}).get(name, {}).get("rate", [])
            if len(rates) <= self.found["rounds"]:
                continue  # that load failed
            self._open_loop_on(servers, name, rates[-1] / 2, "open_loop")
            if name == OURS and LEAST in servers:
                self._open_loop_on(servers, LEAST, rates[-1] / 2, "open_loop_as_ours")

    def _open_loop_on(self, servers, name, rate, kind):
        seconds = self.effort.open_seconds
        found = self._try(f"open loop on {name}", self.probes.open_loop, servers[name].port, self.request,
                          self.programs.messages.path("answer"), h2load.MANY.connections, rate, seconds / 4, seconds)
        if found:
            took, late = percentiles(found["seconds"]), percentiles(found["late"])["p99"]
            self._add(kind, name, rate=rate, late=late, **took)
            self.say(f"  open    {name:14} {rate:10,.0f}/s p50 {1e3 * took['p50']:.3f} ms "
                     f"p99 {1e3 * took['p99']:.3f} ms, started late by {1e3 * late:.3f} ms")

    def _many_calls(self):
        """What stays resident after many calls over 1,000 connections: a server that has done nothing else."""
        server = Server(f"{OURS}_many_calls", self.programs.command(OURS), self.programs.folder)
        try:
            if wrong := server.wait():
                raise h2load.Failed(wrong)
            h2load.calls(h2load.WIDE, server, self.request, self.effort.many_calls)
            at_once = server.memory()
            time.sleep(GIVEN_BACK)
            self._add("many_calls", OURS, at_once=at_once, after=server.memory(), peak=server.memory("VmHWM"))
        finally:
            server.stop()
