"""Many people in session rooms at once: each browser polls every two seconds and saves every five."""

import http.client
import re
import select
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from sessions.models import Session
from sessions.texts import piece_for

POLLS_EVERY, SAVES_EVERY = 2, 5  # seconds


@dataclass
class Answers:
    """What the server answered: a time in seconds for each request, and each answer that was not as expected."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return the time within which this share of the requests was answered, in seconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Browser(threading.Thread):
    """One person in a room. `confirmed` is the last text that the server said it saved."""

    def __init__(
        self, address: tuple[str, int], user: User, session: Session, key: str, answers: Answers, phase: float
    ):
        super().__init__(daemon=True)
        self.user, self.answers, self.phase = user, answers, phase
        self.room, self.live = reverse("session_detail", args=[session.pk]), reverse("session_live", args=[session.pk])
        self.key, self.text_url = key, reverse("text_edit", args=[key])
        client = Client()
        client.force_login(user)
        self.cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        self.fingerprint = piece_for(user, key).fingerprint
        self.confirmed, self.etag, self.token = "", "", ""
        self.connection = http.client.HTTPConnection(*address, timeout=60)

    def ask(self, method: str, path: str, body: str | None = None, **headers) -> tuple[int, str, dict]:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.connection.sock and select.select([self.connection.sock], [], [], 0)[0]:
            self.connection.close()  # the server closed it while it was idle: like a browser, open another one
        started = time.monotonic()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        self.answers.seconds.append(time.monotonic() - started)
        for cookie in response.headers.get_all("Set-Cookie", []):
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(cookie).items()})
        return response.status, text, response.headers

    def enter(self) -> None:
        status, html, _headers = self.ask("GET", self.room)
        self.token = re.search(r'name="csrf-token" content="([^"]+)"', html)[1]
        assert status == 200, f"{status} for {self.room}"

    def poll(self) -> None:
        headers = {"HX-Request": "true", "If-None-Match": self.etag}
        status, _html, headers = self.ask("GET", self.live, **headers)
        self.etag = headers.get("ETag", self.etag)
        if status not in (200, 304):
            self.answers.wrong.append(f"{status} for a poll")

    def save(self, number: int) -> None:
        text = f"Line {number} of {self.key}"
        body = urlencode({"text": text, "started_from": self.fingerprint})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
        status, html, _headers = self.ask("POST", self.text_url, body, **headers, **{"X-CSRFToken": self.token})
        if status != 200:
            self.answers.wrong.append(f"{status} for a save")
            return
        self.fingerprint = re.search(r'data-saved data-fingerprint="([^"]+)"', html)[1]
        self.confirmed = text

    def stay(self, until: float) -> None:
        now = time.monotonic()
        next_poll, next_save, saves = now + self.phase * POLLS_EVERY, now + self.phase * SAVES_EVERY, 0
        while (at := min(next_poll, next_save)) < until:
            time.sleep(max(0, at - time.monotonic()))
            if at == next_save:
                saves += 1
                next_save = max(next_save + SAVES_EVERY, time.monotonic())
                self.save(saves)
            else:
                next_poll = max(next_poll + POLLS_EVERY, time.monotonic())
                self.poll()

    def run(self) -> None:
        try:
            self.stay(self.until)
        except Exception as error:  # each is reported, and fails the run
            self.answers.wrong.append(repr(error))
        finally:
            self.connection.close()


def fill_rooms(address: tuple[str, int], sessions: Iterable[Session], seconds: float) -> tuple[Answers, list[Browser]]:
    """Let both people of each running session work in its room for some seconds."""
    answers, browsers = Answers(), []
    sessions = list(sessions)
    for number, session in enumerate(sessions):
        item = session.pair.items.first()
        people = ((session.pair.mentee, "obstacle"), (session.pair.mentor, "tried"))
        for side, (user, name) in enumerate(people):
            phase = (number + side / 2) / len(sessions)
            browsers.append(Browser(address, user, session, f"item-{item.pk}-{name}", answers, phase))
    for browser in browsers:
        browser.enter()
    answers.seconds.clear()
    for browser in browsers:
        browser.until = time.monotonic() + seconds
        browser.start()
    for browser in browsers:
        browser.join()
    return answers, browsers


def lost_saves(browsers: Iterable[Browser], stored: Callable[[str], str]) -> list[str]:
    """Return the keys of the texts that are not stored as the server confirmed them."""
    return [browser.key for browser in browsers if browser.confirmed != stored(browser.key)]
