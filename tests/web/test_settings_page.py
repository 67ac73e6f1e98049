from tests.api.conftest import PASSWORD
from tests.support import store_tickets

ROWS = [
    {"created_date": "2026-01-10 10:00", "closed_date": "2026-01-11 10:00", "state": "Waiting & <parts>"},
    {"created_date": "2026-01-10 10:00", "closed_date": "2026-01-11 10:00", "state": "closed successful"},
]
HTML = {"accept": "text/html"}


async def open_count(client):
    return (await client.get("/database-stats")).json()["stats"]["current_open_count"]


async def test_a_meaning_is_changed_by_the_form_with_the_password(client, settings):
    store_tickets(settings, ROWS)
    form = {"state:Waiting & <parts>": "pending", "state:closed successful": ""}
    refused = await client.post("/settings/states", data={**form, "auth_password": "wrong"}, headers=HTML)
    assert (refused.status_code, await open_count(client)) == (401, 0)
    filled = refused.text.partition('id="states"')[2].partition("</form>")[0]
    assert "The admin password is wrong." in filled
    assert "Nothing was changed." in filled
    assert '<option value="pending" selected>' in filled
    saved = await client.post("/settings/states", data={**form, "auth_password": PASSWORD}, headers=HTML)
    assert (saved.status_code, await open_count(client)) == (303, 1)
    page = (await client.get(saved.headers["location"], headers=HTML)).text
    assert 'name="state:Waiting &amp; &lt;parts&gt;"' in page
    assert '<option value="pending" selected>' in page


async def test_a_kind_that_does_not_exist_is_refused(client, settings):
    store_tickets(settings, ROWS)
    form = {"state:closed successful": "finished", "auth_password": PASSWORD}
    assert (await client.post("/settings/states", data=form, headers=HTML)).status_code == 400


async def test_deleting_all_tickets_needs_the_password(client, settings):
    store_tickets(settings, ROWS)
    form = {"sure": "yes", "auth_password": "guessed-word"}
    refused = await client.post("/settings/clear", data=form, headers=HTML)
    assert refused.status_code == 401
    filled = refused.text.partition('id="clear"')[2].partition("</form>")[0]
    assert "The admin password is wrong." in filled
    assert 'name="sure" value="yes" required checked' in filled
    assert "guessed-word" not in refused.text
    assert (await client.post("/settings/clear", headers=HTML)).status_code == 401
    assert (await client.get("/tickets.json")).json()["total"] == 2
    assert (await client.post("/settings/clear", data={"auth_password": PASSWORD})).status_code == 303
    assert (await client.get("/tickets.json")).json()["total"] == 0


async def test_the_addresses_of_forms_lead_back(client):
    for form in ("states", "clear", "adopt"):
        answer = await client.get(f"/settings/{form}", headers=HTML)
        assert (answer.status_code, answer.headers["location"]) == (303, "/settings")


async def test_a_page_that_was_not_refused_says_nothing_of_a_refusal(client, settings):
    store_tickets(settings, ROWS)
    page = (await client.get("/settings", headers=HTML)).text
    assert "message bad" not in page
    assert "Macro" not in page
