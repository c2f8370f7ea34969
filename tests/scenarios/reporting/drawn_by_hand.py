"""Reads numbers out of a picture, as a person does with a ruler: by the figures beside its axes."""

import base64
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
from matplotlib import image

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
BELOW = 3.229
"""How far the foot of a figure stands below the mark on its left [points]."""

Scale = Callable[[np.ndarray], np.ndarray]


def pictures(page: str) -> list["Picture"]:
    """Read all pictures of a page."""
    found = re.findall(r"<svg\b.*?</svg>", page, re.DOTALL)
    return [Picture(ET.fromstring(text)) for text in found]  # noqa: S314, it was just written


@dataclass(frozen=True)
class Picture:
    """One picture."""

    root: ET.Element

    @property
    def label(self) -> str:
        """What is read to those who do not see it."""
        return self.root.attrib["aria-label"]

    @property
    def axes(self) -> list["Axes"]:
        """Its parts, in order."""
        return [Axes(each) for each in self.root.iter(f"{SVG}g") if _named(each, "axes")]


@dataclass(frozen=True)
class Bar:
    """A bar that lies."""

    label: str  # of the row in which it lies
    colour: str
    ends: tuple[float, float]  # in units of the axis


@dataclass(frozen=True)
class Axes:
    """A part with scales."""

    root: ET.Element

    def ticks(self, axis: str) -> tuple[np.ndarray, list[str]]:
        """Return where the marks of an axis, "x" or "y", lie, and what is written there."""
        places, texts = [], []
        for group in self.root.iter(f"{SVG}g"):
            if _named(group, f"{axis}tick"):
                text = next(group.iter(f"{SVG}text"))
                places.append(float(text.attrib[axis]) - (BELOW if axis == "y" else 0.0))
                texts.append("".join(text.itertext()))
        return np.array(places), [text.replace("\N{MINUS SIGN}", "-") for text in texts]

    def scale(self, axis: str) -> Scale:
        """Return what turns places into units of an axis."""
        places, texts = self.ticks(axis)
        values = np.array([float(text) for text in texts])
        slope, start = np.polyfit(places, values, 1)
        assert np.allclose(slope * places + start, values, atol=1e-4), (
            "the figures are evenly spread"
        )
        return lambda at: slope * at + start

    def bars(self) -> list[Bar]:
        """Read the bars, from top to bottom within a colour as they were drawn."""
        along, (rows, names) = self.scale("x"), self.ticks("y")
        found = []
        for group in self._parts("patch"):
            path = next(group.iter(f"{SVG}path"))
            colour = _style(path, "fill")
            corners = _points(path)
            if colour != "none" and len(corners) == 4:
                left, right = along(np.array([corners[0, 0], corners[1, 0]]))
                row = np.abs(rows - corners[:, 1].mean()).argmin()
                found.append(Bar(names[row], colour, (left, right)))
        return found

    def lines(self) -> list[tuple[str, np.ndarray]]:
        """Read the lines: colour, and points in places of the picture."""
        return [
            (_style(path, "stroke"), _points(path))
            for group in self._parts("line2d")
            for path in group.findall(f"{SVG}path")
        ]

    def marks(self) -> list[tuple[str, np.ndarray]]:
        """Read the marks, series by series: colour, and places in the picture."""
        found = []
        for group in self._parts("line2d"):
            uses = [*group.iter(f"{SVG}use")]
            if uses:
                places = [(float(use.attrib["x"]), float(use.attrib["y"])) for use in uses]
                found.append((_style(uses[0], "stroke"), np.array(places)))
        return found

    def areas(self) -> list[np.ndarray]:
        """Read the edges of filled areas, in places of the picture."""
        return [
            _points(path) + np.array([float(use.attrib["x"]), float(use.attrib["y"])])
            for group in self._parts("FillBetweenPolyCollection")
            for path, use in zip(group.iter(f"{SVG}path"), group.iter(f"{SVG}use"), strict=True)
        ]

    def title(self, axis: str) -> str:
        """Return what is written along an axis, "x" or "y"."""
        (group,) = (
            group
            for group in self._parts("matplotlib.axis")
            if any(_named(each, f"{axis}tick") for each in group)
        )
        return "".join(next(each for each in group if _named(each, "text")).itertext()).strip()

    def legend(self) -> dict[str, str]:
        """Return what each colour of the legend stands for."""
        (group,) = self._parts("legend")
        colours = [
            _style(path, "stroke" if _named(part, "line2d") else "fill")
            for part in group
            if _named(part, "line2d") or _named(part, "patch")
            for path in part.iter(f"{SVG}path")
        ]
        texts = ["".join(each.itertext()) for each in group.iter(f"{SVG}text")]
        return dict(zip(colours[-len(texts) :], texts, strict=True))

    def texts(self) -> list[str]:
        """Return what is written in it, but for the axes."""
        return [
            "".join(each.itertext())
            for group in self._parts("text")
            for each in group.iter(f"{SVG}text")
        ]

    def pixels(self) -> np.ndarray:
        """Return the colours of a map, lowest row first."""
        found = next(each for each in self.root.iter(f"{SVG}image"))
        content = base64.b64decode(found.attrib[LINK].partition("base64,")[2])
        # A negative height turns the picture over.
        turned = float(found.attrib["transform"].split()[3]) < 0.0
        pixels = image.imread(io.BytesIO(content), format="png")
        return pixels if turned else pixels[::-1]

    def _parts(self, name: str) -> list[ET.Element]:
        return [each for each in self.root if _named(each, name)]


def read_map(panel: Axes, bar: Axes, colours: str) -> tuple[np.ndarray, float]:
    """Read a map by the bar of colours beside it: values, and how far they may be off.

    Returns
    -------
    values : ndarray, shape (slots, days)
        The lowest of the day first.
    width : float
        Of a colour, in units of the bar.
    """
    table = mpl.colormaps[colours](np.arange(256))[:, :3]
    pixels = panel.pixels()
    clear = pixels[..., 3] == 0.0  # where there is nothing to be shown
    away = np.abs(pixels[:, :, None, :3] - table).max(axis=-1)
    assert away.min(axis=-1)[~clear].max() < 1.0 / 255.0, "every colour is one of the bar's"
    frame = next(path for path in bar.root.iter(f"{SVG}path") if len(_points(path)) >= 4)
    bottom, top = _points(frame)[:, 1].max(), _points(frame)[:, 1].min()
    low, high = bar.scale("y")(np.array([bottom, top]))
    width = (high - low) / 256.0
    return np.where(clear, np.nan, low + (away.argmin(axis=-1) + 0.5) * width), width


def distance(points: np.ndarray, line: np.ndarray) -> float:
    """Return how far the farthest of some points lies from a line through others."""
    start, way = line[:-1], np.diff(line, axis=0)
    length = np.maximum((way**2).sum(axis=1), 1e-12)
    share = ((points[:, None, :] - start) * way).sum(axis=-1) / length
    near = start + np.clip(share, 0.0, 1.0)[..., None] * way
    return float(np.sqrt(((points[:, None, :] - near) ** 2).sum(axis=-1)).min(axis=1).max())


def _named(element: ET.Element, name: str) -> bool:
    return bool(re.search(rf"(^|-){name}_\d+$", element.attrib.get("id", "")))


def _style(path: ET.Element, name: str) -> str:
    found = re.search(rf"(?:^|; ?){name}: ([^;]+)", path.attrib.get("style", ""))
    return found[1] if found else ""


def _points(path: ET.Element) -> np.ndarray:
    numbers = re.findall(r"[ML] (-?[\d.]+) (-?[\d.]+)", path.attrib["d"])
    return np.array(numbers, dtype=np.float64).reshape(-1, 2)
