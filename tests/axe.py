"""Looks at pages in Chromium, each in several states: no problem for axe, no sideways scroll, no error in the console.

A page is loaded once; its state is then changed as a reader's device would change it. The usual run checks all rules in
the first state, light and narrow, and only the colors in the second, dark and wide; a release all rules in all four.
"""

from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from hypothesis import settings

IN_A_RELEASE = settings.get_current_profile_name() == "release"
ALL_STATES = [("light", 320), ("dark", 1280), ("dark", 320), ("light", 1280)]
STATES = ALL_STATES if IN_A_RELEASE else ALL_STATES[:2]
ONE_STATE = ALL_STATES if IN_A_RELEASE else ALL_STATES[:1]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLORS = {"type": "rule", "values": ["color-contrast"]}
WATCH = """
    window.refused = [];
    document.addEventListener("securitypolicyviolation", event =>
        refused.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
# For axe the content of closed details is hidden, but the agenda is shown on wide screens (::details-content).
LOOK = """async rules => {
    const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
    const shown = rule => rule.nodes.every(node => node.html.includes("room-agenda"));
    const wrong = found.violations.filter(rule => rule.id !== "scrollable-region-focusable" || !shown(rule));
    const describe = node => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`;
    const wide = document.documentElement.scrollWidth > innerWidth;
    const all = [...document.querySelectorAll("main *")];
    const past = all.filter(one => one.getBoundingClientRect().right > innerWidth + 1);
    return [
        ...wrong.map(rule => `${rule.id}: ${rule.nodes.slice(0, 3).map(describe).join(" | ")}`),
        ...window.refused.map(what => `refused by the policy: ${what}`),
        ...(wide ? [`scrolls sideways: ${past.slice(0, 2).map(one => one.outerHTML.slice(0, 160))}`] : []),
        ...(document.querySelectorAll("h1").length === 1 ? [] : ["not one h1"]),
        ...(document.title.endsWith("Throughline") ? [] : [`title ${document.title}`]),
    ];
}"""


class Walk:
    """walk(user, urls) opens the pages as that person and collects the problems in `wrong`."""

    def __init__(self, browser, url: str):
        self.url, self.wrong = url, []
        self.context = browser.new_context(base_url=url, reduced_motion="reduce")
        self.context.add_init_script(WATCH)
        self.context.add_init_script(AXE_SCRIPT)
        self.page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.wrong.append(f"{self.page.url} script: {error}"))
        self.page.on("request", self._request)

    def _console(self, message) -> None:
        if message.type == "error" and "404 (Not" not in message.text:
            self.wrong.append(f"{self.page.url} console: {message.text}")

    def _request(self, sent) -> None:
        if not sent.url.startswith(self.url):
            self.wrong.append(f"{self.page.url} asks elsewhere: {sent.url}")

    def __call__(self, user, urls: list[str], states=STATES) -> None:
        self.context.clear_cookies()
        if user:
            inside = Client()
            inside.force_login(user)
            cookie = inside.cookies["session"].value
            self.context.add_cookies([{"name": "session", "value": cookie, "url": self.url}])
        for url in urls:
            for number, state in enumerate(states):
                self._show(*state)
                if number == 0:
                    self.page.goto(url, wait_until="load")
                rules = RULES if IN_A_RELEASE or number == 0 else COLORS
                found = self.page.evaluate(LOOK, rules)
                self.wrong.extend(f"{url} by {user}, {state[0]} {state[1]}: {what}" for what in found)

    def _show(self, scheme: str, width: int) -> None:
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        self.page.set_viewport_size({"width": width, "height": 800})
