"""Every way to ask for figures, tickets or files leaves its record."""

from tests.stats.test_records import ROWS, written
from tests.support import store_tickets


async def test_every_analysis_and_detail_query_leaves_a_record(client, app, settings):
    store_tickets(settings, ROWS)
    html = {"accept": "text/html"}
    await client.get("/results", headers=html)
    await client.get("/results", headers=html)
    await client.get("/database?state=open", headers=html)
    await client.get("/database-stats")
    await client.get("/database/tickets?open=true&age=72h", headers=html)
    await client.post("/age-details", json={"age_segment": "24_48h"})
    await client.post("/empty-firstresponse-details", json={})
    await client.post("/api/responsible-stats", json={"selected_responsibles": ["Ada"]})
    await client.get("/responsible-stats?people=all", headers=html)
    await client.get("/tickets?open=true", headers=html)
    await client.get("/tickets.csv")
    await client.get("/tickets.xlsx?open=true")
    await client.get("/tickets.json?limit=1")
    await client.get("/tickets.json?open=false")
    await client.post("/export/excel", json={"state": "open"})
    await client.post("/export/txt")
    people = {"selectedResponsibles": ["Ada", "Bo"]}
    await client.post("/api/export-responsible-excel", json=people)
    await client.post("/api/export-responsible-txt", json=people)
    await app.state.records.write()
    found = [(r.query_type, r.record_count, r.total_records) for r in await written(app.state.db)]
    assert found == [
        ("main_analysis", 3, 3),
        ("main_analysis", 3, 3),
        ("database_stats", 2, 2),
        ("database_stats", 3, 3),
        ("age_details", 0, 3),
        ("age_details", 1, 3),
        ("empty_firstresponse", 1, 3),
        ("responsible_stats", 1, 3),
        ("responsible_stats", 1, 3),
        ("ticket_list", 2, 3),
        ("export_csv", 3, 3),
        ("export_xlsx", 2, 3),
        ("ticket_list", 3, 3),
        ("export_json", 1, 3),
        ("export_excel", 2, 2),
        ("export_txt", 3, 3),
        ("export_responsible_excel", 2, 3),
        ("export_responsible_txt", 2, 3),
    ]
