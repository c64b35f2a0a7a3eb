"""The pages on which an organiser names, pairs and revokes the devices of the door."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from eventreg.checkin import answers, devices, queries, rules
from eventreg.checkin.blueprint import bp, desk
from eventreg.checkin.forms import DeviceForm
from eventreg.checkin.models import Device
from eventreg.core import clock, i18n, qr, urls
from eventreg.core.access import requires
from eventreg.core.refusals import Refused


@bp.get("/desk/devices", endpoint="devices")
@requires("door.devices")
def device_list() -> ResponseReturnValue:
    """All devices with when they were last heard of, and the scans that somebody should look at."""
    return _list(DeviceForm(), status=200)


@bp.post("/desk/devices")
@requires("door.devices")
def device_create() -> ResponseReturnValue:
    """Name a device."""
    form = DeviceForm()
    if not form.validate():
        return _list(form, status=422)
    made = devices.create(g.event.id, name=form.name.data, door=form.door.data, by=g.viewer)
    return redirect(url_for("checkin.device", code=made.code), 303)


def _list(form: DeviceForm, *, status: int) -> ResponseReturnValue:
    here = desk()
    looks = [answers.line(one, desk=here) for one in queries.needing_a_look(g.event.id)]
    page = render_template(
        "checkin/devices.html", form=form, devices=queries.devices(g.event.id), looks=looks,
        numbers=queries.counts(g.event, clock.now()), test_code=qr.svg(rules.TEST_CODE),
    )  # fmt: skip
    return page, status


@bp.get("/desk/devices/<code>")
@requires("door.devices")
def device(code: str) -> ResponseReturnValue:
    """One device."""
    return render_template("checkin/device.html", device=_device(code), address=None)


@bp.post("/desk/devices/<code>")
@requires("door.devices")
def device_pairing(code: str) -> ResponseReturnValue:
    """The pairing code, on the answer itself: its secret is kept nowhere, so no other page could show it."""
    found = _device(code)
    secret = devices.pairing_secret(found.id, by=g.viewer)
    address = urls.absolute("checkin.pair", lang=i18n.page_lang(), event=g.event.slug, secret=secret)
    return render_template(
        "checkin/device.html", device=_device(code), address=address, code=qr.svg(address, level="M"),
        until=clock.now() + devices.PAIRING_LASTS,
    )  # fmt: skip


@bp.post("/desk/devices/<code>/revoke")
@requires("door.devices")
def device_revoke(code: str) -> ResponseReturnValue:
    """The device is lost or no longer needed."""
    devices.revoke(_device(code).id, by=g.viewer)
    return redirect(url_for("checkin.devices"), 303)


def _device(code: str) -> Device:
    found = queries.device(g.event.id, code)
    if found is None:
        abort(404)
    return found


@bp.get("/desk/pair/<secret>")
@requires("link.open")
def pair(secret: str) -> ResponseReturnValue:
    """Opened on the device itself; looking does not use the link up, the button does."""
    found = devices.waiting_for(g.event.id, secret, now=clock.now())
    return render_template("checkin/pair.html", device=found, secret=secret), 200 if found is not None else 410


@bp.post("/desk/pair/<secret>", endpoint="pair_now")
@requires("link.open")
def pair_now(secret: str) -> ResponseReturnValue:
    """From now on this browser is the device."""
    try:
        token = devices.pair(g.event.id, secret)
    except Refused:
        return render_template("checkin/pair.html", device=None, secret=secret), 410
    return devices.keep(redirect(url_for("checkin.scan"), 303), token, g.event.slug)
