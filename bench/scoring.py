"""Scoring alone: FSFI administrations in one batch, against a bare numpy sum of the same answers.

python -m bench.scoring [--people 200000] [--rounds 9]
"""

import argparse
import resource
import sys
from statistics import median
from time import perf_counter

import numpy as np

from app.clinical.batch import Numbers, score_batch
from app.clinical.measures import MEASURES

FSFI = MEASURES["fsfi"]


def answers(people: int, unanswered: float) -> Numbers:
    """Whole answers spread over each item's range, without the zeros that say 'no activity'; some left out."""
    dice = np.random.default_rng(2026)
    low = np.array([max(item.low, 1) for item in FSFI.items])
    rows: Numbers = np.floor(dice.random((people, len(FSFI.items))) * (5 - low + 1)) + low
    rows[dice.random(rows.shape) < unanswered] = np.nan
    return rows


def timed(work: object, *given: object) -> float:
    """Seconds that one call takes."""
    assert callable(work)
    began = perf_counter()
    work(*given)
    return perf_counter() - began


def main() -> None:
    """Prints administrations a second of the batch and of the floor, interleaved, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    for name, unanswered in (("complete", 0.0), ("1 % of answers missing", 0.01)):
        rows = answers(asked.people, unanswered)
        pairs = [(timed(np.nansum, rows, 1), timed(rows.sum, 1), timed(score_batch, FSFI, rows)) for _ in range(asked.rounds)]
        floor, ours = median(pair[1] for pair in pairs), median(pair[2] for pair in pairs)
        sys.stdout.write(
            f"{name}: scored {asked.people / ours:,.0f} a second, bare sum {asked.people / floor:,.0f} a second, "
            f"ratio {floor / ours:.3f}\n"
        )
    sys.stdout.write(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB\n")


if __name__ == "__main__":
    main()
