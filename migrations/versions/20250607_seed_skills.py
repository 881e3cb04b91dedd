"""seed skills

Revision ID: 20250607_seed_skills
Revises: 20250529_add_product_images
Create Date: 2025-06-07 11:30:26.331908

Every row it inserts is marked with this revision. The downgrade takes back the marked rows that nobody has
taken up; a skill that someone wrote under the same slug was never marked, and stays.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import insert

# revision identifiers, used by Alembic.
revision = "20250607_seed_skills"
down_revision = "20250529_add_product_images"
branch_labels = None
depends_on = None

# The tables as they are at this revision: models move on, a revision does not.
skills = sa.table(
    "skills",
    sa.column("id", sa.BigInteger),
    sa.column("name", sa.String),
    sa.column("slug", sa.String),
    sa.column("category", sa.String),
    sa.column("description", sa.Text),
    sa.column("seeded_by", sa.String),
)
user_skills = sa.table("user_skills", sa.column("skill_id", sa.BigInteger))

SEED = [
    ("Deep focus", "deep-focus", "mind", "Stay with one thing until it is done."),
    ("Meditation", "meditation", "mind", "Sit, breathe, notice, begin again."),
    ("Journaling", "journaling", "mind", "Think on paper, a page a day."),
    ("Strength training", "strength-training", "body", "Lift a little more than last week."),
    ("Trail running", "trail-running", "body", "Find a rhythm where the path is never flat."),
    ("Yoga", "yoga", "body", "Balance, reach and patience on a mat."),
    ("Woodworking", "woodworking", "craft", "Measure twice, cut once, sand for ever."),
    ("Sketching", "sketching", "craft", "See a thing by drawing it."),
    ("Bread baking", "bread-baking", "craft", "Flour, water, salt, and time."),
    ("Active listening", "active-listening", "social", "Understand first, answer later."),
    ("Public speaking", "public-speaking", "social", "Say it clearly to a room of people."),
    ("Mentoring", "mentoring", "social", "Help someone find their own next step."),
]


def upgrade():
    rows = [
        {"name": name, "slug": slug, "category": category, "description": description, "seeded_by": revision}
        for name, slug, category, description in SEED
    ]
    op.execute(insert(skills).values(rows).on_conflict_do_nothing(index_elements=["slug"]))


def downgrade():
    is_taken_up = sa.exists().where(user_skills.c.skill_id == skills.c.id)
    op.execute(skills.delete().where(skills.c.seeded_by == revision, ~is_taken_up))
