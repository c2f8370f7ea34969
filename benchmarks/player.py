"""Main-thread time per frame of playback: 50 homes, 60 arrows, five charts, at 1280x800.

Run with ``python -m benchmarks.player [homes] [seconds]``; needs a Chromium (see tests/dashboard).
Task time is the processor time of the browser's main thread, by its own count; a frame is one
refresh of the screen. The page is drawn without a graphics card.
"""

import json
import shutil
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.dashboard import packs
from tests.dashboard.conftest import BARE_PAGE, MOUNT, PLAYER, QUIET

CHARTS_OFF = ("wallet", "grid_sell", "forecast_load", "forecast_pv")
COUNT_FRAMES = """() => { window.frames_ = 0;
    const count = () => { window.frames_ += 1; requestAnimationFrame(count); };
    requestAnimationFrame(count); }"""


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _task_seconds(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def measure(page: Page, session: CDPSession, speed: str, seconds: float) -> str:
    """Play for some seconds and tell the main thread's time per frame [ms]."""
    page.get_by_role("button", name=f"Speed {speed}", exact=True).click()
    page.wait_for_timeout(1000)
    worked, frames = _task_seconds(session), page.evaluate("window.frames_")
    page.wait_for_timeout(1000 * seconds)
    worked, frames = _task_seconds(session) - worked, page.evaluate("window.frames_") - frames
    arrows = page.locator(".cw-arrow[display=inline]").count()
    return (
        f"{speed}x: {1000 * worked / frames:.2f} ms per frame, {frames / seconds:.0f} frames/s, "
        f"{100 * worked / seconds:.0f} % of the time, {arrows} arrows at the end"
    )


def main() -> None:
    """Play a made-up community at 1x and at 10x."""
    homes, seconds = int((sys.argv[1:] or ["50"])[0]), float((sys.argv[2:] or ["10"])[0])
    pack = json.loads(json.dumps(packs.make(homes, days=7, pairs_max=80)))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(PLAYER)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.route(address, lambda route: route.fulfill(body=BARE_PAGE, content_type="text/html"))
        page.goto(address)
        page.evaluate(MOUNT, [pack, {"autoplay": True, "startAt": "10:00"}])
        for name in CHARTS_OFF:
            page.evaluate(f"document.querySelector('input[name={name}]').click()")
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.evaluate(COUNT_FRAMES)
        print(f"{homes} homes, {len(pack['local'])} steps, five charts, {Path(path or '').name}")
        for speed in ("1", "10"):
            print(measure(page, session, speed, seconds))
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
