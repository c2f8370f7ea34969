"""Pictures within a page: their names are their own, their colours the theme's."""

import re

from scenarios import charts
from scenarios.reporting import inline

HOSTILE = 'id="x" <script>alert(1)</script> & "quoted" #30363d'


def drawing() -> str:
    def draw(figure: "charts.Figure") -> None:
        axes = figure.add_subplot()
        axes.plot([0.0, 1.0], [0.0, 1.0], marker="o", label=HOSTILE)
        axes.set_title(HOSTILE)

    return charts.drawn(2.0, f"Shown: {HOSTILE}", draw)


def test_names_have_their_prefix_and_lead_where_they_did() -> None:
    found = inline.inlined(drawing(), "p1-")
    names = set(re.findall(r'<[^>]*\bid="([^"]*)"', found))
    led_to = set(re.findall(r'<[^>]*(?:href="#|url\(#)([^")]*)', found))
    assert names
    assert led_to
    assert all(name.startswith("p1-") for name in names | led_to)
    assert led_to <= names


def test_text_stays_text_and_is_not_changed() -> None:
    found = inline.inlined(drawing(), "p1-")
    assert "<script" not in found
    assert 'id="x" &lt;script&gt;alert(1)&lt;/script&gt; &amp; "quoted" #30363d</text>' in found


def test_it_is_an_image_with_a_label_that_follows_the_theme() -> None:
    found = inline.inlined(drawing(), "p1-")
    told = "Shown: id=&quot;x&quot; &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot;"
    assert found.startswith(f'<svg role="img" aria-label="{told}')
    tags = "".join(re.findall(r"<[^>]*>", found.split(">", 1)[1]))
    assert "var(--ink)" in tags
    assert "#30363d" not in tags
    assert "fill: #ffffff" not in tags
    assert "<metadata" not in found
    assert "<?xml" not in found
    assert not re.search(r'<svg[^>]* width="', found)
