"""Do the segments find the shape classes that generated readings were made from? Beside the usual script, in one run.

    python benchmarks/segmentation.py [--customers 2000] [--days 92] [--seeds 3]

The classes: evening-peak, mid-peak (a moderate evening peak), flat, morning-peak, double-peak (morning and evening),
midday-peak, night-time EV charging (label night-peak) and rooftop solar with export (label solar-export). Sizes are
log-normal, days and hours are noisy, readings are missing and doubled; the truth is in a file that no analysis reads.

ARI is the adjusted Rand index against the classes (1: the same groups; 0: as good as chance). The usual script averages by
customer and hour, scales each column and takes the K with the highest silhouette.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler

from reporter.pipeline import Inputs
from reporter.profiles.build import build_profiles
from reporter.readings import open_engine, read
from reporter.sample import write_sample
from reporter.segments.build import segment
from reporter.settings import resolve


def ours(readings: Path, seed: int) -> tuple[pd.Series, int]:
    settings = resolve({"seed": seed, "readings.timezone": "America/New_York"}, environment={}).settings
    with open_engine(settings.running) as engine:
        profiles = build_profiles(read(Inputs([readings]).readings, engine, settings), engine, settings)
    result = segment(profiles, settings)
    labels = [result.labels[i].label for i in result.assignment]
    return pd.Series(labels, index=profiles.customer_id), result.choice.k


def usual(readings: Path, seed: int) -> tuple[pd.Series, int]:
    frame = pd.read_parquet(readings)
    profiles = (
        frame.groupby(["customer_id", frame["timestamp"].dt.hour], observed=True)["kwh"]
        .mean()
        .unstack()
        .dropna()
    )
    scaled = StandardScaler().fit_transform(profiles)
    fits = {k: KMeans(k, n_init=10, random_state=seed).fit_predict(scaled) for k in range(2, 11)}
    sample = np.random.default_rng(seed).permutation(len(scaled))[:5000]
    best = max(fits, key=lambda k: silhouette_score(scaled[sample], fits[k][sample]))
    return pd.Series(fits[best], index=profiles.index.astype(str)), best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--days", type=int, default=92)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    print(
        "| seed | method | K | ARI | seconds | members of the class with its label: evening, flat, EV, solar |"
    )
    print("|---|---|---|---|---|---|")
    for seed in range(options.seeds):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "readings.parquet"
            files = write_sample(path, options.customers, options.days, seed=seed)
            truth = pd.read_csv(files.truth[0], dtype={"customer_id": str}).set_index("customer_id")[
                "shape_class"
            ]
            for name, method in (("reporter", ours), ("usual script", usual)):
                started = time.perf_counter()
                found, k = method(path, seed)
                seconds = time.perf_counter() - started
                classes = truth.reindex(found.index)
                score = adjusted_rand_score(classes, found)
                wanted = {
                    "evening-peak": "evening-peak",
                    "flat": "flat",
                    "night-ev": "night-peak",
                    "solar": "solar-export",
                }
                hits = ", ".join(
                    f"{(found[classes == c] == label).mean():.0%}" for c, label in wanted.items()
                )
                print(
                    f"| {seed} | {name} | {k} | {score:.3f} | {seconds:.1f} | {hits if name == 'reporter' else '–'} |"
                )
    print(
        f"\nPeak memory of the whole run: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )


if __name__ == "__main__":
    main()
