"""Public pages under attack: what one stranger's address brings must not stand on the page of the next."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from tests import factories as make


def test_what_a_stranger_adds_to_the_address_is_not_kept_for_others(app: Flask, client: FlaskClient) -> None:
    make.an_event()

    assert "planted" in client.get("/en/ogp-2022/?x=planted").text  # the same page in another language
    assert "planted" not in app.test_client().get("/en/ogp-2022/").text


def test_the_page_of_somebody_signed_in_is_not_kept_for_strangers(app: Flask, client: FlaskClient) -> None:
    event = make.an_event()
    make.sign_in(client, make.an_organiser(event))

    assert "/manage/" in client.get("/en/ogp-2022/").text
    assert "/manage/" not in app.test_client().get("/en/ogp-2022/").text


def test_public_addresses_that_cannot_be_are_absent(app: Flask, client: FlaskClient) -> None:
    make.an_event()
    for path in ("/en/%00/", "/%00", "/en/ogp-2022/%00", "/en/ogp-2022/i/%00", "/assets/%00/x", "/en/ogp-2022/../../etc"):
        assert client.get(path).status_code in (302, 308, 404, 410), path
