"""Fit the technology signatures to generated streets and write ``reporter/technology/signatures.json``.

    python scripts/fit_signatures.py [--streets 90] [--homes 250]

Streets differ in season, climate and devices. Clusters of blocks are the examples for cars and water heaters, customers those
for panels; they are weighted so that the shares of homes are those of ``TRAINED_SHARE``. Two streets in three make the trees,
the third the line that turns a customer's highest score into log-odds (Platt 1999), so that a probability means what it says.
Tests and benchmarks use other seeds.
"""

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from reporter.sample.street import Street, draw_street
from reporter.technology import clusters as cluster_room
from reporter.technology import solar as solar_room
from reporter.technology.blocks import Blocks
from reporter.technology.build import block_evidence
from reporter.technology.clusters import Clusters
from reporter.technology.signatures import DEPTH, RESOLUTIONS, TRAINED_SHARE, Signature

TARGET = Path(__file__).resolve().parents[1] / "reporter" / "technology" / "signatures.json"
FIRST_SEED = 1000
TREES = 200
MATCH = 0.5
"""A cluster is a device's where the device drew this part of its blocks' energy."""


@dataclass(frozen=True)
class Examples:
    """Examples of one technology on one street."""

    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    """Whether the example is the device."""
    customer: NDArray[np.int64]
    has: NDArray[np.bool_]
    """(homes,) who has the device."""
    held: bool
    """Whether the street is kept for the line."""


def street(number: int, homes: int) -> Street:
    """One of the streets to fit to: four seasons in five climates, devices in varying numbers."""
    rng = np.random.default_rng([FIRST_SEED, number])
    climate = number // 4 % 5
    shares = {
        "ev": 0.3,
        "solar": 0.25,
        "cooling": (0.4, 0.15, 0.7, 0.9, 0.5)[climate],
        "heating": float(rng.uniform(0.05, 0.4)),
        "water": float(rng.uniform(0.15, 0.6)),
        "pool": float(rng.uniform(0, 0.15)),
    }
    return draw_street(
        homes,
        FIRST_SEED + number,
        start=date(2026, 1 + 3 * (number % 4), 1),
        days=int(rng.choice([30, 60, 92, 92, 120])),
        warmer_c=(0.0, -5.0, 5.0, 9.0, 2.0)[climate],
        shares=shares,
    )


def owners(one: Street, name: str) -> NDArray[np.bool_]:
    """(m,) homes with a device that can be found: a heat-pump water heater has no blocks."""
    column = {"ev": "ev_kw", "water": "water_kw", "solar": "solar_kw"}[name]
    return np.asarray(one.truth[column].to_numpy(dtype=float) > 0.6)


def matches(blocks: Blocks, found: Clusters, part: NDArray[np.float32], minutes: int) -> NDArray[np.bool_]:
    """(c,) whether the device drew most of the energy of a cluster's blocks; ``part`` is its load by hour [kW]."""
    hourly = part.reshape(len(part), -1)
    total = np.concatenate([np.zeros((len(part), 1)), np.cumsum(hourly, axis=1, dtype=float)], axis=1)
    first = blocks.begin * minutes // 60
    last = np.minimum(-(-(blocks.begin + blocks.steps) * minutes // 60), hourly.shape[1])
    drawn = total[blocks.customer, last] - total[blocks.customer, first]
    own = found.of_block >= 0
    cluster = found.of_block[own]
    energy = np.bincount(cluster, blocks.kwh[own], minlength=len(found.customer))
    return np.asarray(np.bincount(cluster, drawn[own], minlength=len(found.customer)) > MATCH * energy)


def examples(one: Street, number: int) -> dict[tuple[str, int], Examples]:
    """All examples of a street; technology and length of interval → examples."""
    held = number % 3 == 2
    result = {}
    for minutes in RESOLUTIONS:
        blocks, clusters = block_evidence(one.kw(minutes), minutes, one.sky.daily_c)
        for name, found in clusters.items():
            has = owners(one, name)
            right = matches(blocks, found, one.parts[name] * has[:, None, None], minutes)
            result[name, minutes] = Examples(found.features, right, found.customer, has, held)
    has = owners(one, "solar")
    features = solar_room.solar_features(one.kw(60))
    result["solar", 60] = Examples(features, has, np.arange(len(has)), has, held)
    return result


def fit(parts: list[Examples], name: str) -> dict[str, Any]:
    """Trees and line of one technology, as plain numbers."""
    share = TRAINED_SHARE[name]
    has = np.concatenate([part.has for part in parts])
    held = np.concatenate([np.full(len(part.has), part.held) for part in parts])
    sizes = np.cumsum([0, *(len(part.has) for part in parts)])
    customer = np.concatenate([part.customer + size for part, size in zip(parts, sizes[:-1], strict=True)])
    x = np.concatenate([part.features for part in parts]).astype("float32")
    y = np.concatenate([part.right for part in parts])
    trained = ~held[customer]
    weight = weights(has, share)[customer]
    model = GradientBoostingClassifier(
        n_estimators=TREES,
        learning_rate=0.08,
        max_depth=DEPTH,
        subsample=0.6,
        min_samples_leaf=15,
        random_state=0,
    ).fit(x[trained], y[trained], sample_weight=weight[trained])
    asks = np.zeros((TREES, 2**DEPTH - 1), dtype=np.int64)
    above = np.zeros(asks.shape)
    answers = np.zeros((TREES, 2**DEPTH))
    for number, (grown,) in enumerate(model.estimators_):
        copy(grown.tree_, 0, 0, asks[number], above[number], answers[number])
    names = solar_room.FEATURES if name == "solar" else cluster_room.FEATURES
    trees = Signature(names, asks, plain(above), plain(answers * model.learning_rate), 1.0, 0.0)
    each = trees.log_odds(x)
    score = np.full(len(has), each.min())
    np.maximum.at(score, customer, each)
    line = LogisticRegression(C=1e6).fit(
        score[held][:, None], has[held], sample_weight=weights(has[held], share)
    )
    tell(name, score[held], has[held], share)
    return {
        "features": list(names),
        "asks": asks.tolist(),
        "above": trees.above.tolist(),
        "answers": trees.answers.tolist(),
        "slope": float(line.coef_[0, 0]),
        "intercept": float(line.intercept_[0]),
    }


def copy(
    tree: Any, node: int, place: int, asks: NDArray[Any], above: NDArray[Any], answers: NDArray[Any]
) -> None:
    """Copy a node and what is below it; a leaf that comes early answers the same to all questions left."""
    if place >= len(asks):
        answers[place - len(asks)] = tree.value[node][0][0]
        return
    leaf = tree.children_left[node] < 0
    if not leaf:
        asks[place], above[place] = tree.feature[node], tree.threshold[node]
    copy(tree, node if leaf else tree.children_left[node], 2 * place + 1, asks, above, answers)
    copy(tree, node if leaf else tree.children_right[node], 2 * place + 2, asks, above, answers)


def weights(y: NDArray[np.bool_], share: float) -> NDArray[np.float64]:
    """Weights that bring a share of true ones about."""
    return np.where(y, share / y.mean(), (1 - share) / (1 - y.mean()))


def plain(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Five digits, enough for a threshold."""
    return np.asarray(np.vectorize(lambda number: float(f"{number:.5g}"))(values))


def tell(name: str, score: NDArray[np.float64], has: NDArray[np.bool_], share: float) -> None:
    """Print where precision and recall meet on the streets held out."""
    order = np.argsort(-score)
    weight = weights(has, share)[order]
    hit = np.cumsum(weight * has[order])
    best = np.minimum(hit / np.cumsum(weight), hit / hit[-1]).max()
    print(f"{name}: precision = recall = {best:.3f} at a share of {share:.0%}")  # noqa: T201


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--streets", type=int, default=90)
    parser.add_argument("--homes", type=int, default=250)
    arguments = parser.parse_args()
    gathered: dict[tuple[str, int], list[Examples]] = defaultdict(list)
    for number in range(arguments.streets):
        for key, part in examples(street(number, arguments.homes), number).items():
            gathered[key].append(part)
        print(f"street {number + 1} of {arguments.streets}", flush=True)  # noqa: T201
    result: dict[str, dict[str, Any]] = defaultdict(dict)
    for (name, minutes), parts in sorted(gathered.items()):
        result[name][str(minutes)] = fit(parts, name)
    TARGET.write_text(json.dumps(result, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
