"""What the shop sells, and its pictures."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.database import SLUG_PATTERN, CreationTime, PrimaryKey, db


class Product(db.Model):
    """Something to buy. Its price is in the smallest unit of its currency (ISO 4217)."""

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint(f"slug ~ '{SLUG_PATTERN}'", name="slug_format"),
        CheckConstraint("price_cents >= 0", name="price_not_negative"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_format"),
    )

    id: Mapped[PrimaryKey]
    name: Mapped[str] = mapped_column(String(120))
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    description: Mapped[str] = mapped_column(Text, server_default="")
    price_cents: Mapped[int] = mapped_column(Integer)
    currency: Mapped[str] = mapped_column(String(3), server_default="EUR")
    created_at: Mapped[CreationTime]

    images: Mapped[list[ProductImage]] = relationship(
        order_by="ProductImage.position", cascade="all, delete-orphan", passive_deletes=True
    )


class ProductImage(db.Model):
    """One picture of a product; `position` 1 is the one shown first."""

    __tablename__ = "product_images"
    __table_args__ = (
        UniqueConstraint("product_id", "position"),
        CheckConstraint("position >= 1", name="position_positive"),
    )

    id: Mapped[PrimaryKey]
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(String(500))
    alt_text: Mapped[str] = mapped_column(String(200), server_default="")
    position: Mapped[int] = mapped_column(Integer)
