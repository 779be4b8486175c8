"""Logging in and out, and what nobody may do without."""

from __future__ import annotations

import pytest

from entrypoints.console.sessions import COOKIE
from entrypoints.console.wrong_tokens import MOST_WRONG
from entrypoints.http.app import create_app
from tests.console.operator import Operator
from tests.http.service import TOKEN, Service, settings
from tests.http.test_guard import OPEN, routes

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def guarded(*methods: str) -> list[tuple[str, str]]:
    """Every path of the console that needs a session, with those of these methods that it has."""
    return [
        (method, path.format(task_id="1"))
        for path, route in routes(create_app(settings()))
        if path.startswith("/console") and path not in OPEN
        for method in methods
        if method in route.methods
    ]


@pytest.mark.parametrize(("method", "path"), guarded("GET", "POST"))
async def test_without_a_session_nothing_is_shown_or_done(memory_service: Service, method: str, path: str) -> None:
    for headers in ({}, {"Cookie": f"{COOKIE}=forged"}, memory_service.operator):
        answer = await memory_service.client.request(method, path, headers=headers)
        if method == "GET":
            assert (answer.status_code, answer.headers["Location"]) == (303, "/console/login")
            assert answer.text == ""
        else:
            assert answer.status_code == 401
            assert "Nothing was done" in answer.text


@pytest.mark.parametrize(("method", "path"), guarded("POST"))
async def test_a_form_of_another_session_is_refused(operator: Operator, method: str, path: str) -> None:
    for fields in ({}, {"form_token": ""}, {"form_token": "0" * 64}, {"form_token": "é"}):
        answer = await operator.service.client.request(method, path, data=fields)
        assert answer.status_code == 403
        assert "not from your session" in answer.text
    await operator.see()


async def test_a_page_that_asks_on_after_the_session_goes_to_the_login(memory_service: Service) -> None:
    answer = await memory_service.client.get("/console", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/console/login")


async def test_the_cookie_is_kept_from_scripts_and_other_sites(memory_service: Service) -> None:
    answer = await Operator(memory_service).log_in()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console")
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/console", "Max-Age=28800"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert TOKEN not in str(answer.headers) + await Operator(memory_service).see()


async def test_over_tls_the_cookie_stays_there(memory_service: Service) -> None:
    answer = await memory_service.client.post(
        "/console/login", data={"token": TOKEN}, headers={"X-Forwarded-Proto": "https"}
    )
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")


async def test_after_the_logout_the_cookie_is_gone(operator: Operator) -> None:
    answer = await operator.send("/logout")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/login")
    assert (await operator.service.client.get("/console")).status_code == 303


async def test_a_wrong_token_opens_nothing(memory_service: Service) -> None:
    for wrong in ("", TOKEN.upper(), "<script>alert(1)</script>"):
        answer = await Operator(memory_service).log_in(wrong)
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers
        assert "<script>alert" not in answer.text


async def test_guessing_is_slowed_down(memory_service: Service) -> None:
    operator = Operator(memory_service)
    for _ in range(MOST_WRONG):
        assert (await operator.log_in("wrong")).status_code == 403
    answer = await operator.log_in()
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60


async def test_a_login_that_another_site_sends_is_refused(memory_service: Service) -> None:
    answer = await memory_service.client.post(
        "/console/login", data={"token": TOKEN}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


async def test_every_answer_is_safe_to_show_and_pages_are_not_kept(operator: Operator) -> None:
    for path in ("/console", "/console/login", "/console/tasks", "/console/tasks/1", "/console/static/console.css"):
        answer = await operator.service.client.get(path)
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        kept = "max-age=3600" if "/static/" in path else "no-store"
        assert answer.headers["Cache-Control"] == kept
