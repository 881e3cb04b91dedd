"""Sample rows, as data: the same on every machine and every day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

START = datetime(2025, 6, 16, 7, 30, tzinfo=UTC)


class SampleProduct(NamedTuple):
    """A product; each picture is the text that describes it."""

    slug: str
    name: str
    price_cents: int
    description: str
    pictures: tuple[str, ...]


class SampleTemplate(NamedTuple):
    """A goal on offer, and the badge for reaching it."""

    slug: str
    name: str
    target: int
    unit: str
    description: str
    badge_slug: str
    badge_name: str
    badge_icon: str
    badge_description: str


class SampleGoal(NamedTuple):
    """A goal of a user; `days_taken` is None while it is not completed."""

    username: str
    template_slug: str
    status: str
    progress: int
    target: int
    started_on_day: int
    days_taken: int | None = None


USERS = (("amelia", "Amelia Hart"), ("noor", "Noor Haddad"), ("kenji", "Kenji Mori"))

USER_SKILLS = (
    ("amelia", "deep-focus", 3),
    ("amelia", "trail-running", 4),
    ("amelia", "journaling", 2),
    ("amelia", "active-listening", 3),
    ("noor", "meditation", 5),
    ("noor", "public-speaking", 4),
    ("noor", "sketching", 2),
    ("kenji", "woodworking", 5),
    ("kenji", "bread-baking", 3),
    ("kenji", "trail-running", 1),
    ("kenji", "mentoring", 4),
)

PRODUCTS = (
    SampleProduct(
        "field-journal",
        "Field Journal",
        1900,
        "A cloth-bound journal of 192 dotted pages that lies flat on any table, bench or knee.",
        (
            "Closed field journal with a ribbon",
            "Open journal showing dotted pages",
            "Journal beside a pencil",
        ),
    ),
    SampleProduct(
        "focus-timer",
        "Focus Timer",
        4900,
        "A dial, a spring and a bell. Turn it to twenty-five and let the phone stay in the other room.",
        ("Round focus timer seen from the front", "Timer dial turned to twenty-five minutes"),
    ),
    SampleProduct(
        "breathing-stone",
        "Breathing Stone",
        3400,
        "River-smooth and quiet. It warms and cools in the rhythm of a slow breath.",
        (
            "Smooth grey breathing stone",
            "Breathing stone resting in a hand",
            "Breathing stone on its charging dish",
        ),
    ),
    SampleProduct(
        "trail-flask",
        "Trail Flask",
        2700,
        "Half a litre, light enough to forget, cold enough to remember at the top.",
        (
            "Trail flask standing upright",
            "Trail flask in the side pocket of a rucksack",
            "Cap of the trail flask",
        ),
    ),
    SampleProduct(
        "carving-kit",
        "Carving Kit",
        6200,
        "Two knives, a gouge and a strop in a canvas roll, with three blocks of limewood to begin on.",
        (
            "Carving kit rolled up and tied",
            "Carving kit opened to show its knives",
            "Blocks of limewood",
            "A spoon half carved",
        ),
    ),
    SampleProduct(
        "conversation-cards",
        "Conversation Cards",
        1500,
        "Eighty questions that do not begin with “so, what do you do?”.",
        ("Box of conversation cards", "Three conversation cards fanned out"),
    ),
)

TEMPLATES = (
    SampleTemplate(
        "ten-quiet-mornings",
        "Ten quiet mornings",
        10,
        "mornings",
        "Ten minutes of stillness before the first screen of the day.",
        "early-light",
        "Early Light",
        "sunrise",
        "Ten mornings that began in quiet.",
    ),
    SampleTemplate(
        "run-fifty-kilometres",
        "Run fifty kilometres",
        50,
        "kilometres",
        "Any pace, any path, as many runs as it takes.",
        "trailblazer",
        "Trailblazer",
        "mountain",
        "Fifty kilometres on foot.",
    ),
    SampleTemplate(
        "deep-work-sessions",
        "Deep work",
        12,
        "sessions",
        "Ninety minutes on one thing, twelve times.",
        "clear-signal",
        "Clear Signal",
        "target",
        "Twelve sessions with nothing in the way.",
    ),
    SampleTemplate(
        "bake-five-loaves",
        "Bake five loaves",
        5,
        "loaves",
        "Flour, water, salt and patience. The third one will be good.",
        "good-crust",
        "Good Crust",
        "flame",
        "Five loaves out of the oven.",
    ),
    SampleTemplate(
        "write-thirty-pages",
        "Write thirty pages",
        30,
        "pages",
        "A page a day, whatever the day was like.",
        "steady-hand",
        "Steady Hand",
        "pen",
        "Thirty pages in your own words.",
    ),
    SampleTemplate(
        "meet-a-mentor",
        "Meet a mentor",
        4,
        "conversations",
        "Four conversations with someone who has been there before.",
        "good-company",
        "Good Company",
        "people",
        "Four conversations that changed the route.",
    ),
)

GOALS = (
    SampleGoal("amelia", "ten-quiet-mornings", "completed", 10, 10, 0, 12),
    SampleGoal("amelia", "run-fifty-kilometres", "active", 31, 50, 2),
    SampleGoal("amelia", "deep-work-sessions", "active", 4, 12, 5),
    SampleGoal("amelia", "bake-five-loaves", "abandoned", 1, 5, 1),
    SampleGoal("noor", "ten-quiet-mornings", "completed", 10, 10, 0, 10),
    SampleGoal("noor", "meet-a-mentor", "completed", 4, 4, 1, 20),
    SampleGoal("noor", "write-thirty-pages", "active", 11, 30, 6),
    SampleGoal("kenji", "bake-five-loaves", "completed", 5, 5, 3, 15),
    SampleGoal("kenji", "run-fifty-kilometres", "active", 6, 40, 4),
    SampleGoal("kenji", "deep-work-sessions", "abandoned", 2, 12, 2),
)

CONVERSATION = (
    ("amelia", "Good morning! First quiet morning done. Ten minutes felt like forty."),
    ("noor", "It does at first. By day four you will miss it when it is over."),
    ("kenji", "I tried, and then the cat had other plans."),
    ("amelia", "The cat counts as company, not as noise."),
    ("kenji", "Then I had a very well accompanied morning."),
    ("noor", "Has anyone used the focus timer yet? Mine arrived yesterday."),
    ("amelia", "Yes. The bell is kinder than my phone's alarm."),
    ("kenji", "Does it tick?"),
    ("noor", "Softly. You stop hearing it after a minute."),
    ("kenji", "Sold."),
    ("amelia", "8 km along the river today. Fog so thick I ran past my own street."),
    ("noor", "That is the most you sentence I have ever read."),
    ("amelia", "31 of 50 now, so it is working."),
    ("kenji", "I started the same goal with 40. My knees voted."),
    ("noor", "Good. Set the target you will actually meet."),
    ("kenji", "That is going on a card."),
    ("amelia", "Speaking of which, the conversation cards came out at dinner last night."),
    ("noor", "And?"),
    ("amelia", "“What did you change your mind about this year?” took an hour and a half."),
    ("kenji", "I would have needed two."),
    ("noor", "First sketch I do not want to hide. It is a chair, and it looks like a chair."),
    ("kenji", "A chair that looks like a chair is further than most of us get."),
    ("amelia", "Show us!"),
    ("noor", "Tomorrow, when it has four legs."),
    ("kenji", "Loaf number three came out of the oven. The ears on it!"),
    ("amelia", "You were told the third one would be good."),
    ("kenji", "I did not believe it until I heard the crust."),
    ("noor", "Bread that you can hear is the right bread."),
    ("amelia", "How long do you let it rest?"),
    ("kenji", "Overnight in the cold, and then I am not allowed to look at it for an hour."),
    ("noor", "Mentor talk number two today. She asked what I would stop doing."),
    ("amelia", "What did you say?"),
    ("noor", "Nothing for a long time. Then: answering before I have listened."),
    ("kenji", "That is worth the whole goal."),
    ("amelia", "Quiet morning number ten. Badge!"),
    ("noor", "Early Light suits you."),
    ("kenji", "Congratulations! I will catch up, the cat permitting."),
    ("amelia", "Abandoned the loaves, by the way. One brick is enough bricks."),
    ("kenji", "Bring the brick over on Saturday. We will find out what happened."),
    ("noor", "I will bring butter and low expectations."),
    ("amelia", "It is a plan. Eleven?"),
    ("kenji", "Eleven. Loaf number five will be out by then."),
    ("noor", "Page eleven of thirty, and I have written about this chat on three of them."),
    ("amelia", "Only the good parts, I hope."),
    ("noor", "There were only good parts."),
)


def on_day(day: int) -> datetime:
    """Return a moment on the given day of the sample story, counted from 0."""
    return START + timedelta(days=day)


def time_of_message(index: int) -> datetime:
    """Return when the message at this place of the conversation was written: some hours between them."""
    return START + timedelta(hours=7 * index, minutes=11 * index % 60)
