from sqlalchemy import update

from eventreg.core import clock as clk
from eventreg.core.outbox import Mail
from tests.factories import *


def test_shots(app, client, live_server, page_in, axe):
    with clk.at(OPEN): run(app, client, live_server, page_in, axe)
def run(app, client, live_server, page_in, axe):
    e=an_event(limit=2, media=1); o=an_organiser(e)
    for i in range(5): a_registration(e, sector="media" if i%2 else "academia", name_arabic="أمينة بنعلي")
    if 1:
        i1=an_invitation(e,o,label="وزارة العدل", passes_limit=True, max_uses=3)
        an_invitation(e,o,label="Press")
        registration.set_limit(e.id,"event","",1,by=OPERATOR)
    with transaction():
        db.session.execute(update(Mail).where(Mail.id==2).values(state="failed",tries=3,last_answer="SMTPRecipientsRefused: 550 5.1.1 no such mailbox here"))
    code=i1.invitation.code
    secret=sign_in(client,o)
    bad=[]
    for lang in ("ar","en"):
        for width in (1280,360):
            page=page_in(lang,width=width)
            page.context.add_cookies([{"name":"signin","value":secret,"url":live_server}])
            for name,path in {"inv":"invitations","new":"invitations/new","one":f"invitations/{code}","mail":"mail","mail1":"mail/2","audit":"audit","dl":"settings/deadline","lim":"settings/limits","wait":"waiting"}.items():
                page.goto(f"{live_server}/{lang}/ogp-2022/manage/{path}")
                r=axe(page)
                if r: bad.append((lang,width,name,r))
                over=page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if over>0: bad.append((lang,width,name,"overflow",over))
                page.screenshot(path=f"/tmp/shots/{name}.{lang}.{width}.png",full_page=True)
            page.goto(f"{live_server}/{lang}/ogp-2022/manage/invitations/{code}")
            page.click("form[action$='new-link'] button")
            r=axe(page)
            if r: bad.append((lang,width,"issued",r))
            page.screenshot(path=f"/tmp/shots/issued.{lang}.{width}.png",full_page=True)
            page.goto(f"{live_server}/{lang}/ogp-2022/manage/settings/deadline")
            page.fill("#day","2022-03-27"); page.fill("#hour","02:30")
            page.click("form.form button")
            r=axe(page)
            if r: bad.append((lang,width,"dlerr",r))
            page.screenshot(path=f"/tmp/shots/dlerr.{lang}.{width}.png",full_page=True)
    print(bad)
