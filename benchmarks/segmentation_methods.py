"""One way of grouping customers, alone in a process of its own, so that peers may live in environments of their own.

    python benchmarks/segmentation_methods.py METHOD JOB.npz ANSWER.json

Of peers it needs their package and scikit-learn; of reporter nothing. ``segmentation.py`` makes jobs and reads answers.
"""

import json
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler

Predict = Callable[[np.ndarray], np.ndarray]
Fit = Callable[[np.ndarray, np.ndarray, int, int], Predict]
"""Profiles (n, 24) [kW], days (n, d, 24) [kW], K, seed → what puts profiles into segments."""


def columns(rows: np.ndarray, days: np.ndarray, k: int, seed: int) -> Predict:
    """The usual script: each hour is scaled over customers."""
    scaler = StandardScaler().fit(rows)
    model = KMeans(k, n_init=10, random_state=seed).fit(scaler.transform(rows))
    return lambda new: model.predict(scaler.transform(new))


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def row_l2(rows: np.ndarray, days: np.ndarray, k: int, seed: int) -> Predict:
    """K-means on each customer's profile ÷ its length."""
    model = KMeans(k, n_init=10, random_state=seed).fit(unit(rows))
    return lambda new: model.predict(unit(new))


def zscore(rows: np.ndarray) -> np.ndarray:
    return (rows - rows.mean(axis=1, keepdims=True)) / np.maximum(rows.std(axis=1, keepdims=True), 1e-9)


def tslearn_dtw(rows: np.ndarray, days: np.ndarray, k: int, seed: int) -> Predict:
    from tslearn.clustering import TimeSeriesKMeans

    band = {"global_constraint": "sakoe_chiba", "sakoe_chiba_radius": 2}
    model = TimeSeriesKMeans(k, metric="dtw", metric_params=band, random_state=seed)
    model.fit(zscore(rows)[:, :, None])
    return lambda new: model.predict(zscore(new)[:, :, None])


def aeon_kshape(rows: np.ndarray, days: np.ndarray, k: int, seed: int) -> Predict:
    from aeon.clustering import KShape

    model = KShape(n_clusters=k, random_state=seed)
    model.fit(zscore(rows)[:, None, :])
    return lambda new: model.predict(zscore(new)[:, None, :])


def opendsm_clustering(rows: np.ndarray, days: np.ndarray, k: int, seed: int) -> Predict:
    """Says only who is in which cluster, so new customers go to the nearest mean of normalised profiles."""
    import pandas as pd
    from opendsm.common.clustering.cluster import cluster_features
    from opendsm.comparison_groups.cg_clustering.bounds import get_cluster_bounds
    from opendsm.comparison_groups.cg_clustering.settings import CG_Clustering_Settings

    wanted = CG_Clustering_Settings().model_dump()
    bounds = (k, k) if k else get_cluster_bounds(len(rows), 15, 8, 1500)
    wanted["bisecting_kmeans"]["n_cluster"] = {"lower": bounds[0], "upper": bounds[1]}
    wanted["seed"] = seed
    labels = cluster_features(pd.DataFrame(rows), CG_Clustering_Settings(**wanted))
    means = np.stack([unit(rows)[labels == label].mean(axis=0) for label in np.unique(labels[labels >= 0])])

    def predict(new: np.ndarray) -> np.ndarray:
        if new is rows:
            return np.asarray(labels)
        return ((unit(new)[:, None] - means[None]) ** 2).sum(axis=2).argmin(axis=1)

    return predict


def reporter(name: str) -> Fit:
    from reporter.segments.choice import least_share
    from reporter.segments.methods import View, method_of
    from reporter.segments.shapes import ShapeSpace
    from reporter.settings import Settings

    options = Settings.model_validate({"segments": {"method": name}}).segments
    space = ShapeSpace.of(options)

    def fit(rows: np.ndarray, days: np.ndarray, k: int, seed: int) -> Predict:
        method = method_of(options, least_share(len(rows), options))
        prototypes = method.fit(View(space(rows), days, np.arange(len(rows))), k, seed)
        return lambda new: method.assign(space(new), prototypes)

    return fit


def method(name: str) -> Fit:
    room, _, own = name.partition(":")
    if room == "reporter":
        return reporter(own)
    return {
        "columns": columns,
        "row-l2": row_l2,
        "tslearn-dtw": tslearn_dtw,
        "aeon-kshape": aeon_kshape,
        "opendsm": opendsm_clustering,
    }[name]


SPACE = {"columns": lambda rows: StandardScaler().fit_transform(rows), "row-l2": unit}
"""Where an analyst who takes the K with the highest silhouette measures it."""


def own_k(name: str, fit: Fit, job: Any) -> int | None:
    """The K that is usual for the method; None where there is no usual way."""
    if name == "opendsm":
        return 0
    if name not in SPACE:
        return None
    rows = SPACE[name](job["mean"])
    found = {k: fit(job["mean"], job["days"], k, 0)(job["mean"]) for k in range(2, 11)}
    return max(found, key=lambda k: silhouette_score(rows, found[k]))


def measure(fit: Fit, k: int, job: Any) -> dict[str, Any]:
    mean, days = job["mean"], job["days"]
    fit(mean, days, k, 1)  # compiled, where something compiles
    started = time.perf_counter()
    predict = fit(mean, days, k, 0)
    found = predict(mean)
    seconds = time.perf_counter() - started
    even = fit(job["even"], job["even_days"], k, 0)(job["even"])
    generator, agree = np.random.default_rng(0), []
    for _ in range(int(job["bootstraps"])):
        some = generator.integers(0, len(mean), len(mean))
        again = fit(mean[some], days[some], k, int(generator.integers(2**31)))
        agree.append(adjusted_rand_score(found, again(mean)))
    runs = [fit(mean, days, k, seed)(mean) for seed in range(1, 1 + int(job["seeds"]))]
    pairs = [adjusted_rand_score(a, b) for place, a in enumerate(runs) for b in runs[:place]]
    halves = adjusted_rand_score(predict(job["first"]), predict(job["second"])) if len(job["first"]) else None
    return {
        "k": len(set(found[found >= 0].tolist())),
        "found": found.tolist(),
        "even": even.tolist(),
        "bootstrap": float(np.median(agree)),
        "runs": float(np.median(pairs)) if pairs else None,
        "halves": halves,
        "seconds": seconds,
    }


def peak_mib() -> float:
    """Of this process alone: the peak that getrusage knows begins with that of the parent."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(re.search(r"VmHWM:\s*(\d+)", status.read_text())[1]) / 1024


def main() -> None:
    name, job_path, answer_path = sys.argv[1:]
    with np.load(job_path) as stored:
        job = dict(stored)
    fit = method(name)
    own = own_k(name, fit, job)
    rows = {str(k): measure(fit, k, job) for k in job["ks"].tolist()}
    if own is not None and str(own) not in rows:
        rows["own"] = measure(fit, own, job)
    elif own is not None:
        rows[str(own)]["own"] = True
    Path(answer_path).write_text(json.dumps({"rows": rows, "memory_mib": peak_mib()}))


if __name__ == "__main__":
    main()
