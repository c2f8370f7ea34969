"""A page that means ill, against a whole server: it runs nothing and changes no other page."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.dashboard.conftest import ROOT, free_port

TRAP = "from pathlib import Path\nPath(__file__).with_name('sprung').touch()\n"
EVIL = '/evil"><script>alert(1)</script>'
LINE = """async () => {
    window.line = async (kernel, page) => {
        const address = `ws://${location.host}/jupyter/api/kernels/${kernel}/channels`;
        const socket = new WebSocket(`${address}?session_id=${page}`);
        const heard = [];
        let wake = () => {};
        socket.onmessage = ({ data }) => { heard.push(JSON.parse(data)); wake(); };
        socket.onclose = () => { heard.push({ closed: true }); wake(); };
        await new Promise((done) => { socket.onopen = done; });
        const say = (kind, content) => socket.send(JSON.stringify({
            header: { msg_id: crypto.randomUUID(), msg_type: kind, session: "x", username: "",
                date: "2026-01-01T00:00:00Z", version: "5.3" },
            parent_header: {}, metadata: { version: "2.0.0" }, content, buffers: [],
            channel: "shell" }));
        const until = async (wanted) => {
            for (;;) {
                const found = heard.find(wanted);
                if (found) return found;
                if (heard.some((each) => each.closed)) throw new Error("the socket was closed");
                await new Promise((done, fail) => {
                    wake = done;
                    setTimeout(() => fail(new Error("nothing was answered")), 8000);
                });
            }
        };
        return { say, until, heard };
    };
    window.app = async (kernel) => {
        const line = await window.line(kernel, "p" + kernel);
        line.say("comm_open", { comm_id: "c" + kernel, target_name: "solara.control", data: {} });
        line.say("comm_msg", { comm_id: "c" + kernel,
            data: { method: "run", args: { path: "", themes: { light: {}, dark: {} } } } });
        const shell = await line.until((each) => each.content?.data?.state?.tabs);
        line.tell = (data) => line.say("comm_msg", { comm_id: shell.content.comm_id, data });
        line.event = (event, data) => line.tell({ method: "custom", content: { event, data } });
        line.turned = (tab) => line.until((each) => each.content?.data?.state?.tab === tab);
        return line;
    };
}"""


@contextmanager
def _started(folder: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a dashboard whose temporary folders and whose log lie in a folder."""
    (folder / "temporary").mkdir()
    command = [sys.executable, str(ROOT / "run.py"), "dashboard", "--no-open", "--port"]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [*command, str(free_port())],
            cwd=folder,
            env=os.environ | {"TMPDIR": str(folder / "temporary")} | environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().removeprefix("dashboard: ").strip()
        finally:
            process.kill()


def _ask(address: str, path: str, method: str = "GET", **headers: str) -> tuple[int, str, str]:
    with closing(HTTPConnection(urlsplit(address).netloc, timeout=30)) as connection:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        cookies = answer.headers.get_all("set-cookie") or []
        known = "; ".join(each.partition(";")[0] for each in cookies)
        return answer.status, answer.read().decode(), known


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay a module that tells when it is imported."""
    folder = tmp_path_factory.mktemp("intruded")
    (folder / "trap.py").write_text(TRAP, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def target(folder: Path) -> Iterator[str]:
    """Start a server whose first visitor says that it stands behind a proxy."""
    proxy = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    names = ("X-Script-Name", "Script-Name", "X-Forwarded-Prefix")
    with _started(folder, PYTHONPATH=str(folder)) as (_, address):
        _ask(address, "/", **dict.fromkeys(names, EVIL), **proxy, Forwarded="host=evil.example")
        yield address


@pytest.fixture(scope="module")
def intruder(browser: Browser, target: str) -> Iterator[Page]:
    """Open a page that can say anything over sockets of its own."""
    page = browser.new_page()
    page.set_default_timeout(8_000)
    page.goto(target)
    page.evaluate(LINE)
    yield page
    page.close()


def test_no_header_is_written_into_a_page(target: str) -> None:
    status, page, cookies = _ask(target, "/")
    assert status == 200
    assert "evil" not in page
    assert "solara-session-id" in cookies


def test_no_message_makes_the_server_import_anything(intruder: Page, folder: Path) -> None:
    intruder.evaluate("""async () => {
        const line = await window.app("trap");
        const props = {};
        line.tell({ method: "custom", content: { create_widget: ["trap", "x"], props, id: "x" } });
        line.tell({ method: "custom", content: { create_widget: ["trap", "x"], event: "turned",
            props: { x: { functionRef: "close" } }, id: "x" } });
        line.say("execute_request", { code: "import trap" });
        line.event("turned", "data");  // all of the above is over once this is answered
        await line.turned("data");
    }""")
    assert not (folder / "sprung").exists()


def test_no_page_makes_widgets_of_its_own(intruder: Page) -> None:
    held = intruder.evaluate("""async () => {
        const line = await window.app("maker");
        const state = { _model_module: "@jupyter-widgets/controls", _model_name: "TextModel",
            _model_module_version: "2.0.0", _view_module: "@jupyter-widgets/controls",
            _view_module_version: "2.0.0", _view_name: "TextView" };
        line.say("comm_open",
            { comm_id: "mine", target_name: "jupyter.widget", data: { state } });
        line.say("comm_info_request", {});
        const told = await line.until((each) => each.header?.msg_type === "comm_info_reply");
        return Object.keys(told.content.comms);
    }""")
    assert "cmaker" in held
    assert "mine" not in held


def test_a_tab_that_is_none_is_not_turned_to(intruder: Page) -> None:
    tabs = intruder.evaluate("""async () => {
        const line = await window.app("turner");
        for (const each of ["nowhere", null, ["data"], { a: 1 }, 7]) line.event("turned", each);
        line.event("turned", "runs");
        await line.turned("runs");
        return line.heard.map((each) => each.content?.data?.state?.tab).filter((tab) => tab);
    }""")
    assert tabs == ["watch", "runs"]


def test_what_a_stranger_causes_is_a_line_in_the_log(intruder: Page, folder: Path) -> None:
    target = intruder.url.rstrip("/")
    before = (folder / "log").read_text(encoding="utf-8").count("\n")
    intruder.evaluate("async () => { await window.app('mine'); }")
    _, _, cookies = _ask(target, "/")  # another session
    known = {"Cookie": cookies, "Origin": target}
    assert _ask(target, "/_solara/api/close/mine?session_id=nobody", "POST", **known)[0] == 500
    stranger = intruder.context.browser
    assert stranger is not None
    page = stranger.new_page()
    page.goto(target)
    page.evaluate(LINE)
    page.evaluate("""async () => {
        const line = await window.line("mine", "other");
        await line.until((each) => each.closed);
    }""")
    page.close()
    log = (folder / "log").read_text(encoding="utf-8")
    assert "KeyError: 'nobody'" in log
    assert "Session id mismatch" in log
    assert "Traceback" not in log
    assert log.count("\n") - before < 10


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_stays_behind_however_the_server_is_told_to_end(
    tmp_path: Path, number: signal.Signals
) -> None:
    with _started(tmp_path) as (process, _):
        assert any((tmp_path / "temporary").iterdir())
        process.send_signal(number)
        assert process.wait(20) > 0
    assert list((tmp_path / "temporary").iterdir()) == []
