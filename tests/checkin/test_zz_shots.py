from tests.checkin.test_journey import *
from tests.checkin.test_journey import open_door, event
def test_shots(app, event, open_door, page_in):
    token = token_of(make.a_registration(event, name_latin="Salma Bennani", name_arabic="سلمى بناني", lang="ar"))
    page = open_door("ar", width=360)
    page.screenshot(path="/tmp/door0.png", full_page=True)
    a_scanner(page, token); expect(page.locator("section.scan")).to_have_attribute("data-result", "ok")
    page.screenshot(path="/tmp/door1.png", full_page=True)
    a_scanner(page, token); expect(page.locator("section.scan")).to_have_attribute("data-result", "again")
    page.screenshot(path="/tmp/door2.png", full_page=True)
    page.goto("/ar/ogp-2022/desk/search?q=salma"); page.screenshot(path="/tmp/door3.png", full_page=True)
    wide = page_in("en", width=1280); sign_in(app, wide, make.an_organiser(event))
    wide.goto("/en/ogp-2022/desk/devices"); wide.fill("#name","White phone"); wide.fill("#door","North door"); wide.click("main form .button"); 
    wide.locator("main .button").first.click(); wide.screenshot(path="/tmp/door4.png", full_page=True)
    wide.goto("/en/ogp-2022/desk/devices"); wide.screenshot(path="/tmp/door5.png", full_page=True)
    wide.goto("/en/ogp-2022/desk/scan"); wide.fill("#code", "XXXX"); wide.locator("form[data-act=typed] .button").click(); wide.wait_for_load_state(); wide.screenshot(path="/tmp/door6.png", full_page=True)
