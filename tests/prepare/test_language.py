from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtext.prepare.language import languages
from cxtext.text.tokens import token_table

TABLE = {
    "en": [
        "The bus was late again and nobody told us why",
        "TERIBLE SERVICE NEVR AGAIN!!!",
        "waitd 2 hrs 4 nothin, no1 cares",
        "@cityrail train cancelled AGAIN, what is going on? #fail",
        "Crashes on startup since the update",
        "The crème brûlée at the café was très good, and the staff were lovely",
        "Not bad",
        "cant log in",
    ],
    "fr": [
        "Le personnel est très aimable mais il y a trop d'attente aux caisses",
        "L'application plante tout le temps, c'est pénible.",
        "Service nul, je ne suis pas content du tout",
    ],
    "de": [
        "Die Verbindung bricht ständig ab und der Kundendienst antwortet nicht",
        "Leider funktioniert die App seit dem Update nicht mehr",
        "SEHR GUT, IMMER WIEDER",
    ],
    "es": ["El servicio es muy lento y no me contestan nunca", "La aplicación no funciona desde ayer, qué mala suerte"],
    "it": ["Il servizio non funziona da ieri e nessuno mi risponde", "Molto lento, non sono contento del servizio"],
    "pt": ["O aplicativo não funciona desde ontem e ninguém responde", "Muito lento, não estou satisfeito com isso"],
    "nl": [
        "De verbinding valt steeds weg en niemand geeft antwoord op mijn mails",
        "Het werkt niet meer en ik wil mijn geld terug",
    ],
    "pl": ["Aplikacja przestała działać po ostatniej aktualizacji i nikt nie odpowiada na moje wiadomości"],
    "sv": ["Appen slutade fungera efter den senaste uppdateringen och ingen svarar på mina meddelanden"],
    "ru": ["Приложение перестало работать после обновления, никто не отвечает"],
    "ja": ["アップデートの後、アプリがまったく動かなくなりました。 とても 残念 です"],
    "und": ["", "!!!", ":-) \U0001f600", "12 345", "Zqxv", "http://a.example/b", "@someone #tag"],
}


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in TABLE.items() for text in texts])
def test_table(code: str, text: str) -> None:
    assert languages(token_table([text])).to_pylist() == [code]


def test_all_at_once_and_none() -> None:
    codes = [code for code, texts in TABLE.items() for _ in texts]
    texts = [text for texts in TABLE.values() for text in texts]
    assert languages(token_table(texts)).to_pylist() == codes
    assert languages(token_table(texts[::-1])).to_pylist() == codes[::-1]
    assert languages(token_table([])).to_pylist() == []


TEXTS = st.lists(
    st.one_of(st.text(max_size=30), st.sampled_from([t for ts in TABLE.values() for t in ts])), min_size=1, max_size=8
)


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_a_text_depends_on_itself_alone(texts: list[str]) -> None:
    assert languages(token_table(texts)).to_pylist() == [
        languages(token_table([text])).to_pylist()[0] for text in texts
    ]


DATA = Path(__file__).resolve().parents[2] / "../shared/data"


@pytest.mark.shared
@pytest.mark.skipif(not DATA.is_dir(), reason="the measuring data is not beside the checkout")
@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("gold/complaints_nhs.csv", "text"),
        ("gold/complaints_airline.csv", "text"),
        ("gold/sentiment_tweets.csv", "text"),
    ],
)
def test_english_is_not_lost(name: str, column: str) -> None:
    texts = pd.read_csv(DATA / name)[column].dropna().astype(str).tolist()
    found = np.array(languages(token_table(texts)).to_pylist())
    assert np.isin(found, ["en", "und"]).mean() > 0.99
    assert (found == "en").mean() > 0.95


@pytest.mark.shared
@pytest.mark.skipif(not DATA.is_dir(), reason="the measuring data is not beside the checkout")
def test_french_is_named() -> None:
    path = DATA / "reviews/nps_french_cp1252.csv"
    frame = pd.read_csv(path, encoding="cp1252", encoding_errors="replace", low_memory=False)
    texts = [text for text in frame["explication"].dropna().astype(str) if len(text.split()) >= 5]
    found = np.array(languages(token_table(texts)).to_pylist())
    assert (found == "fr").mean() > 0.98
