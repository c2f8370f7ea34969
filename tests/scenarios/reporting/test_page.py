"""The page asks nothing of any other place, and what folders say is text in it."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scenarios.reporting import folders, page, sheets
from scenarios.reporting.folders import Collection, Missing

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}'
BARE = {"meta", "img", "br", "link", "path", "use", "image"}


def test_headings_stand_over_their_columns_the_first_to_the_left(collection: Collection) -> None:
    html = page.page(collection, sheets.sheets(collection), "report_tables")
    homes = html[html.index('<table data-sheet="homes">') :]
    assert re.findall(r'<th scope="col" class="(\w+)">(\w+)', homes)[:3] == [
        ("text", "home"), ("number", "cost"), ("number", "gain"),
    ]  # fmt: skip


class Tags(HTMLParser):
    """Lists tags and attributes, and ids."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a tag."""
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"src", "href", "xlink:href", "action", "data", "poster"}:
                self.addresses.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    return tags


def written(found: Collection) -> str:
    return page.page(found, sheets.sheets(found), "report_tables")


@pytest.fixture(scope="module")
def html(collection: Collection) -> str:
    return written(collection)


def test_nothing_is_fetched_and_nothing_runs(html: str) -> None:
    tags = parsed(html)
    assert not tags.tags & {"script", "link", "iframe", "object", "embed", "form", "base", "img"}
    assert tags.handlers == []
    assert all(each.startswith(("#", "data:image/png;base64,")) for each in tags.addresses)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert policy[1].split("; ") == [
        "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:",
        "base-uri 'none'", "form-action 'none'",
    ]  # fmt: skip
    css = html.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in css
    assert "@import" not in css


def test_every_id_is_there_once_and_links_lead_to_one(html: str) -> None:
    tags = parsed(html)
    assert len(set(tags.ids)) == len(tags.ids)
    assert {each.removeprefix("#") for each in tags.addresses if each[0] == "#"} <= {*tags.ids}


def test_hostile_names_are_text(collection: Collection) -> None:
    runs = []
    for run in collection.runs:
        figures = run.course.figures.model_copy(update={"scenario": HOSTILE})
        scenario = run.manifest.scenario.model_copy(update={"name": HOSTILE, "purpose": HOSTILE})
        manifest = run.manifest.model_copy(
            update={"scenario": scenario, "versions": {HOSTILE: HOSTILE}}
        )
        course = replace(run.course, figures=figures)
        runs.append(replace(run, label=f"{HOSTILE}{run.label}", manifest=manifest, course=course))
    hostile = written(Collection(runs, [Missing(HOSTILE, HOSTILE)]))
    tags = parsed(hostile)
    assert not tags.tags & {"script", "img"}
    assert tags.handlers == []
    assert "{{ 7 * 7 }}" in hostile
    assert hostile.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 10


def test_arms_with_hostile_names_are_text(collection: Collection) -> None:
    run = collection.runs[0]
    figures = run.course.figures
    arms = {**figures.arms, HOSTILE: figures.arms["market"]}
    lived = {**run.course.arms, HOSTILE: run.course.arms["market"]}
    course = replace(run.course, figures=figures.model_copy(update={"arms": arms}), arms=lived)
    tags = parsed(written(Collection([replace(run, course=course)], [])))
    assert not tags.tags & {"script", "img"}
    assert tags.handlers == []


def test_runs_that_failed_are_listed(batch: Path) -> None:
    html = written(folders.collected([batch]))
    assert "<strong>00005</strong>: law &lt;script&gt;alert(1)&lt;/script&gt; was broken" in html
    assert "4 runs, 1 without results" in html


def test_the_scenario_on_the_page_is_whole(html: str, collection: Collection) -> None:
    for run in collection.runs:
        assert run.sha256 in html
        assert run.manifest.data_sha256 not in {"", run.sha256}
    assert html.count('<pre class="scenario"') == 2


def test_of_many_runs_the_first_are_printed_and_the_rest_counted(collection: Collection) -> None:
    runs = [replace(collection.runs[0], label=f"r{k}") for k in range(page.RECIPES_MAX + 3)]
    html = written(Collection(runs, []))
    assert html.count('<pre class="scenario"') == page.RECIPES_MAX
    assert "The hashes of 3 more runs stand in report_tables/runs.csv." in html
