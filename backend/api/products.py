"""Products and their pictures."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from backend.api import representations
from backend.api.lookup import require
from backend.api.representations import Json
from backend.api.validation import query_integer, query_limit
from backend.database import db
from backend.models import Product

blueprint = Blueprint("products", __name__)


@blueprint.get("/products")
def list_products() -> Json:
    """List products in the order of their ids, `limit` at a time, from the one after `after`."""
    limit = query_limit(default=20)
    after = query_integer("after", default=None)
    # One row more than asked for tells whether there is a next page.
    query = select(Product).options(selectinload(Product.images)).order_by(Product.id).limit(limit + 1)
    if after is not None:
        query = query.where(Product.id > after)
    products = db.session.scalars(query).all()
    page = products[:limit]
    return {
        "items": [representations.product(product) for product in page],
        "next_after": page[-1].id if len(products) > limit else None,
    }


@blueprint.get("/products/<int:product_id>")
def show_product(product_id: int) -> Json:
    """Show one product."""
    return representations.product(require(Product, product_id))
