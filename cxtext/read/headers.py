"""The words in column headers that tell what a column is for."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TEXT_WORDS = _words(
    "text comment comments review reviews feedback verbatim verbatims content body message description answer response "
    "tweet remark remarks explanation explication commentaire kommentar opinion complaint narrative reason"
)
NOT_TEXT = _words("title subject summary headline url link name question agent author email address id reply tags")
PERSON = _words(
    "customer user client respondent account member patient passenger subscriber reviewer contact guest cust"
)
OF_PERSON = _words("id number no key uuid code ref email name hash hashed unique")
DATE_WORDS = ("date", "created", "submitted", "timestamp", "time", "datetime", "posted", "responded", "received", "day")
OTHER_DATES = _words("flown visit visited birth dob updated modified closed resolved due expiry end replied travel")
ROLE_HEADERS = {
    "channel": tuple(map(_words, ("channel", "contact channel", "survey channel", "source", "platform", "medium"))),
    "touchpoint": tuple(map(_words, ("touchpoint", "touch point", "interaction type", "contact reason"))),
    "stage": tuple(map(_words, ("stage", "journey stage", "lifecycle stage", "customer stage", "journey"))),
    "author_role": tuple(map(_words, ("author role", "role", "author type", "sender type", "sender", "user type"))),
}
SEGMENT_WORDS = _words(
    "department division plan tier country region product category airline cabin segment brand market store branch "
    "site type service traveller traveler device gender language trust edition"
)
PROMPT_WORDS = _words("prompt question questions asked")
NOT_SEGMENT = _words("id sentiment label emotion topic theme confidence reason")
STAR_HEADERS = frozenset(
    map(
        _words,
        (
            *("rating", "ratings", "stars", "star", "star rating", "review rating", "user rating", "app rating"),
            *("score", "review score", "overall", "overall rating", "overall score", "review overall"),
            *("review stars", "customer rating", "rating value"),
        ),
    )
)
LOSSES = _words("churn churned reopened reopen escalated escalation cancelled canceled")
DURATIONS = _words("hours hour hrs minutes mins days seconds")
