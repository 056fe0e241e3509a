"""The shape of a series without axes, beside its newest figure."""

from collections.abc import Sequence

from core.drawing import pixels

SPARK_WIDTH, SPARK_HEIGHT = 88, 28


def spark_points(values: Sequence[float]) -> list[tuple[str, str]]:
    """Return the points of a sparkline: its shape only, so that the values need no axis."""
    low, high = min(values), max(values)
    step = (SPARK_WIDTH - 8) / max(1, len(values) - 1)
    return [
        (pixels(3 + n * step), pixels(4 + (SPARK_HEIGHT - 8) * (1 - (value - low) / ((high - low) or 1))))
        for n, value in enumerate(values)
    ]
