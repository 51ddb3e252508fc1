from django.test import Client

from shop.api.page import in_steps
from shop.api.schema import papers


def test_the_page_about_the_api_shows_every_operation_to_anybody(db):
    page = Client().get("/api/docs/")

    assert page.status_code == 200
    for methods in papers()["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page.content.decode()
    assert b"<script" not in page.content
    assert b" style=" not in page.content


def test_an_address_goes_on_in_the_next_line_after_a_slash_only():
    assert in_steps("/api/v1/till/quotes/") == "/api/<wbr>v1/<wbr>till/<wbr>quotes/<wbr>"
