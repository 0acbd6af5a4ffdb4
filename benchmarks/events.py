"""How often the 90 % interval of a program's effect holds the truth, and how far each baseline is off, on simulated programs.

python benchmarks/events.py [--programs 1000] [--baselines 60]
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from events.simulated import covered, program

from reporter.events.accuracy import judge
from reporter.events.measure import like_days
from reporter.settings import EventSettings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("--baselines", type=int, default=60)
    wanted = parser.parse_args()
    inside, error, truth = covered(range(wanted.programs))
    print(
        f"{wanted.programs} programs: 90 % interval holds the truth in {inside:.1%}, mean error {error:+.4f} of {truth:.3f} kW"
    )
    options = EventSettings()
    found = defaultdict(list)
    for seed in range(wanted.baselines):
        made = program(seed)
        events = made.loads.events
        days = [like_days(made.loads, event, True, options)[: options.like_days] for event in events]
        for row in judge(made.loads, events, days, options).rows:
            off = (row.reduction_kw or 0.0) - made.truth_kw
            found[row.name, row.adjusted].append((row.bias, off / made.truth_kw))
    for (name, adjusted), values in sorted(found.items()):
        bias, off = np.mean(values, axis=0)
        print(
            f"{name}{', adjusted' if adjusted else ''}: bias on days without an event {bias:+.1%}, effect off by {off:+.0%}"
        )


if __name__ == "__main__":
    main()
