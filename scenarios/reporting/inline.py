"""A picture that stands inside a page: no name of it meets another's, and it follows the theme."""

import re

from scenarios.charts import INK, PALE

_TAG = re.compile(r"<[^>]*>")
_NAME = re.compile(r'(\bid="|\bhref="#|url\(#)')
_ABOUT = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_SIZE = re.compile(r' (?:width|height)="[\d.]+pt"')
_TITLE = re.compile(r"<dc:title>(.*?)</dc:title>", re.DOTALL)
_COLOURS = {INK: "var(--ink)", PALE: "var(--rule)", "fill: #ffffff": "fill: none"}


def inlined(svg: str, prefix: str) -> str:
    """Turn a picture that `scenarios.charts.drawn` gives into a part of a page.

    Parameters
    ----------
    svg : str
        The file. What it shows stands in its title, which becomes its label.
    prefix : str
        Put before every name within it; no other picture of the page has the same.
    """
    body = _ABOUT.sub("", svg[svg.index("<svg") :])
    opened, rest = body[: body.index(">") + 1], body[body.index(">") + 1 :]
    opened = _SIZE.sub("", opened).replace("<svg", f'<svg role="img" aria-label="{told(svg)}"', 1)
    return _TAG.sub(lambda tag: _fitted(tag[0], prefix), opened + rest)


def _fitted(tag: str, prefix: str) -> str:
    """Give names their prefix and colours their place in the theme; text is no tag."""
    named = _NAME.sub(lambda found: found[1] + prefix, tag)
    for colour, variable in _COLOURS.items():
        named = named.replace(colour, variable)
    return named


def told(svg: str) -> str:
    """Return what a picture shows, in words, as HTML that may stand in quotes."""
    title = _TITLE.search(svg)
    return "" if title is None else title[1].replace('"', "&quot;")
