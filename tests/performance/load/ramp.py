"""Plots the results of `make ramp`: ramp.py CSV PNG."""

import csv
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  needs the backend set

PANELS = [
    ("invoices per second", ["issued_per_s"]),
    ("latency of an invoice, ms", ["p50_ms", "p95_ms"]),
    ("refused per second", ["shed_per_s", "errors_per_s"]),
    ("queued messages", ["backlog"]),
]


def number(text):
    return float("nan") if text == "–" else float(text)


def draw(source, target):
    with open(source, newline="") as f:
        rows = list(csv.DictReader(f))
    clients = [number(r["clients"]) for r in rows]
    figure, panels = pyplot.subplots(len(PANELS), 1, sharex=True, figsize=(8, 10))
    for panel, (title, columns) in zip(panels, PANELS):
        for column in columns:
            panel.plot(clients, [number(r[column]) for r in rows], marker="o", label=column)
        panel.set_ylabel(title)
        panel.set_ylim(bottom=0)
        panel.grid(alpha=0.3)
        panel.legend()
    panels[-1].set_xlabel("clients")
    figure.tight_layout()
    figure.savefig(target, dpi=100)


draw(*sys.argv[1:3])
