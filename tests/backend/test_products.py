"""Products and their pictures."""

from __future__ import annotations

import pytest


def test_a_page_holds_products_with_their_images_in_order(reader):
    """The first page holds whole products, pictures by position."""
    page = reader.get("/api/products").json

    assert [product["id"] for product in page["items"]] == [1, 2, 3, 4, 5, 6]
    assert page["next_after"] is None
    first = page["items"][0]
    assert {"id", "name", "slug", "description", "price_cents", "currency", "images", "created_at"} == first.keys()
    assert [image["position"] for image in first["images"]] == [1, 2, 3]
    assert first["images"][0]["url"] == "/images/products/field-journal-1.svg"


def test_pages_join_up_without_gap_or_overlap(reader):
    """Following next_after to its end sees every product once."""
    seen, after = [], 0
    while after is not None:
        page = reader.get(f"/api/products?limit=4&after={after}").json
        seen += [product["id"] for product in page["items"]]
        after = page["next_after"]

    assert seen == [1, 2, 3, 4, 5, 6]


def test_a_full_last_page_has_no_next(reader):
    """A page that ends exactly at the last row does not promise another."""
    assert reader.get("/api/products?limit=6").json["next_after"] is None


def test_past_the_end_is_an_empty_page(reader):
    """After the last product there is nothing, which is no error."""
    assert reader.get("/api/products?after=999").json == {"items": [], "next_after": None}


def test_one_product(reader):
    """A product has an address of its own, with the same shape."""
    listed = reader.get("/api/products").json["items"][2]

    assert reader.get("/api/products/3").json == listed


@pytest.mark.parametrize("identifier", ["999", "99999999999999999999999"])
def test_an_unknown_product_is_404(reader, identifier):
    """Also an id that no column could hold."""
    answer = reader.get(f"/api/products/{identifier}")

    assert answer.status_code == 404
    assert answer.json["error"]["code"] == "not-found"
    assert identifier in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("limit=%C2%B2", "limit"),
        ("after=-1", "after"),
        ("after=1.5", "after"),
        ("after=99999999999999999999", "after"),
        (f"after={'9' * 5000}", "after"),
    ],
)
def test_a_wrong_query_names_its_field(reader, query, field):
    """A page size or place that makes no sense is refused, not guessed."""
    answer = reader.get(f"/api/products?{query}")

    assert answer.status_code == 400
    assert answer.json["error"]["code"] == "invalid-field"
    assert answer.json["error"]["field"] == field
