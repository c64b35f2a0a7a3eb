import pytest
from tests import factories as f
from eventreg.core import clock as c
def test_x(app, client, clock):
    with clock.at("2022-09-27T09:10+01:00"):
        e=f.an_event(limit=1); o=f.an_organiser(e); f.sign_in(client,o)
        f.a_registration(e); f.a_registration(e)
        i=f.an_invitation(e,o)
        for path in ["invitations","invitations/new",f"invitations/{i.invitation.code}",f"invitations/{i.invitation.code}/link","mail","mail/1","mail/1/html","audit","settings/deadline","settings/limits","waiting"]:
            r=client.get(f"/en/ogp-2022/manage/{path}")
            print(path, r.status_code, len(r.data))
            assert r.status_code==200, r.text[:3000]
