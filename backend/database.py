"""The database handle and the vocabulary that all models share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Identity, MetaData, func
from sqlalchemy.orm import DeclarativeBase, mapped_column

# Every constraint has a name that a later migration can drop by.
_NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

SLUG_PATTERN = "^[a-z0-9]+(-[a-z0-9]+)*$"

PrimaryKey = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Timestamp = Annotated[datetime, mapped_column(DateTime(timezone=True))]
CreationTime = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]


class Base(DeclarativeBase):
    """The base of all models."""

    metadata = MetaData(naming_convention=_NAMES)


db = SQLAlchemy(model_class=Base)
