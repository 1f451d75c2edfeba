"""Kills commands again and again, at a named point or at any moment, while messages come in."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.harness import Installation
from tests.faults.load import Message
from tests.faults.points import PASSED, points_of

# A command that does not come by its point gets more to do, so often.
WAIT_SECONDS, ROUNDS = 1.0, 60
LATEST_PASSING = 6
LONGEST_LIFE = 1.5
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Report:
    """What a campaign came to."""

    modus: str
    kills: int
    messages: int
    repeats: int
    seconds: float
    violations: list[str]


@dataclass(slots=True)
class Campaign:
    """One installation, and the messages that are offered while its commands are killed."""

    installation: Installation
    load: Iterator[Message]
    chance: random.Random
    kills: int = 0
    offered: list[Message] = field(default_factory=list)

    def kill_everywhere(self, points: int | None, anyhow: int) -> None:
        """Kill every command at its points (or at so many of them) and so often at any moment.

        Meanwhile the other commands of the installation run; in the end all of them do.
        """
        made = self.installation
        first, *more = PASSED[made.modus]
        works = {one: made.start(one).started() for one in made.commands if one != first}
        for command in (first, *more):
            if command in works:
                ended = works.pop(command)
                assert 0 == ended.stop()[0], ended.logged()
            chosen = points_of(made.modus, command)
            if points is not None:
                chosen = self.chance.sample(chosen, points)
            for point in chosen:
                self.kill_at(point, command)
            for _ in range(anyhow):
                self.kill_sometime(command)
            works[command] = made.start(command).started()

    def kill_at(self, point: str, command: str) -> None:
        """Start a command that kills itself at some passing of a point, and wait for that."""
        passing = self.chance.randint(1, LATEST_PASSING)
        process = self.installation.start(command, fault=f"killed {point} {passing}")
        for _ in range(ROUNDS):
            self._offer()
            if process.killed_itself(WAIT_SECONDS):
                self.kills += 1
                self.installation.edges.look()
                return
        raise AssertionError(f"{command} does not pass {point} {passing} times: {process.logged()}")

    def kill_sometime(self, command: str) -> None:
        """Start a command, and kill it after it worked for a moment."""
        process = self.installation.start(command).started()
        self._offer()
        time.sleep(self.chance.uniform(0, LONGEST_LIFE))
        process.kill()
        self.kills += 1
        self.installation.edges.look()

    def offer_again(self) -> None:
        """Offer everything once more, as a sender does who heard nothing."""
        self.installation.edges.offer(*self.offered)

    def _offer(self) -> None:
        new = [next(self.load) for _ in range(AT_ONCE)]
        self.offered.extend(new)
        self.installation.edges.offer(*new)


def run(
    installation: Installation, load: Iterator[Message], seed: int, points: int | None, anyhow: int
) -> Report:
    """Kill every command here and there, and see what is left of what was promised."""
    begin = time.monotonic()
    campaign = Campaign(installation, load, random.Random(seed))
    campaign.kill_everywhere(points, anyhow)
    campaign.offer_again()
    broken = installation.violations()
    edges = installation.edges
    return Report(
        installation.modus,
        campaign.kills,
        len(edges.ledger.offers),
        edges.sink.repeats,
        time.monotonic() - begin,
        broken,
    )
