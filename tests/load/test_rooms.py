"""Tests that rooms in use at the same time lose no save. `make release-check PART=load` does this at full size."""

import pytest

from sessions.texts import piece_for
from tests import make
from tests.load.rooms import fill_rooms, lost_saves

ROOMS, SECONDS = 5, 11


@pytest.mark.slow
def test_rooms_in_use_at_once_lose_no_save_and_answer_no_error(transactional_db, live_server):
    program, sessions = make.program(), []
    for number in range(ROOMS):
        pair = make.pair(program, make.user(f"Mentor {number}"), make.user(f"Mentee {number}"))
        make.topic(pair)
        sessions.append(make.running_session(pair))
    address = (live_server.thread.host, live_server.thread.port)
    answers, browsers = fill_rooms(address, sessions, SECONDS)
    writers = {browser.key: browser.user for browser in browsers}
    assert answers.wrong == []
    assert all(browser.confirmed for browser in browsers)
    assert lost_saves(browsers, lambda key: piece_for(writers[key], key).text) == []
