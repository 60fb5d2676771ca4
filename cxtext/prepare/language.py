"""Which language each text is in, so that texts VADER can't read are marked and counted.

Nearly every text settles it by its small words alone, looked up once per distinct token; only the rest go to
py3langid, a naive Bayes detector for 97 languages. A text depends on nothing but itself.
"""

from __future__ import annotations

import re
import unicodedata
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cxtext.words import Traits

if TYPE_CHECKING:
    import pyarrow as pa

    from cxtext.schema import IntArray, TokenTable

UNDETERMINED = "und"
_DETECTOR_WORDS, _DETECTOR_LETTERS = 50, 5_000  # more tell nothing new
_SURE = 0.995  # the detector's probability at which an unlikely language is believed

# Small and everyday words. A word may stand in several lists; what counts is which list a text fits best.
_WORDS = {
    "en": """
        a about after again all almost already also always am an and another any anyone anything are around as ask
        asked at away awful back bad be because been before being best better between big both but buy by call came
        can cannot cant come could couldnt day days did didnt do does doesnt doing done dont down each easy either
        else enough even ever every everyone everything excellent fast few find fine first for found friendly from
        full get gets getting give given go going gone good got great guys had half happy hard has hasnt have havent
        having he hello help helpful her here him his hope hour hours how however i id if ill im in instead into is
        isnt it its ive job just keep kept know last late later least left less let like little long look looking lot
        love made make many may maybe me might minutes money more most much must my myself need needed never new nice
        no nobody not nothing now of off oh ok okay old on once one only open or order other our out over own paid pay
        people perfect phone place please poor price problem problems product pretty put quick quickly quite rather
        really right room rude said same say second see seems seen send sent service several she should shouldnt since
        slow so some someone something soon sorry staff still stop such sure take terrible than thank thanks that
        thats the their them then there these they theyre thing things think this those though three through time
        times to today together told tomorrow tonight too took tried try trying twice two u under until up ur us use
        used using very wait waited waiting want wanted was wasnt way we week weeks well went were weve what when
        where which while who why will wish with without wont work worked working works worse worst would wouldnt
        wrong yeah year years yes yesterday yet you your youre yours flight cancelled fits wear dress quality customer
        support account card app bank plz pls thx gr8 lol omg wtf smh
        able above access across actually added advice agent ago airline allowed alone along amazing amount
        appointment arrived asking aware awesome baggage based beautiful became become believe below beyond
        black blue boarding body booked booking bottom bought breakfast broken brown buying cancel care careful
        caring changed charging cheap checked chicken children cleaning clearly closed clothes coffee colour
        comfortable complain complained complaint complaints completely confusing crew crowded cute cutlery
        damaged dark daughter delay delayed deliver delivered delivery departure deserves dirty disappointed
        disappointing dishes doctor doctors dog doubt downstairs dresses drink drinks driver dry during early
        eat ended exactly expected explain explained extremely eyes fabric failed falls family favorite feel
        feeling feels feet felt finally fitting flattering flew flights flying food forward free fresh
        frustrating fully funny gate gentle girl glasses gorgeous grateful hair handbag hate hated heavy height
        highly hips hold holiday hungry husband issues kindly kitchen knew lack lacking lacks language larger
        leather leaving light lightweight likely listen listened listening lived living loads longer losing
        loved lovely lower luck luggage lying making meal meals means meat meeting message middle missed missing
        months morning mother mouth move nails name nearly neckline needs neither nights noisy normally noticed
        nurse nurses obviously offered often opened opening ordered ordering others ourselves outside overall
        overcrowded parents paying planned played playing pleasant pleased pleasure plenty polite previous
        pricey provided providing pulled purchased purple purse putting queue quiet reading ready realize
        reasonable received recently recommend recommended refund refused regarding relaxing remember
        replacement returned returning river road rooms rows rubbish running runs sad sadly saw saying scrambled
        seam seat seated seating seats sending seriously served serving sheer shirt shirts shoes shorter
        shoulder shoulders shower showers sides simply sit sitting sizes sizing sleep sleeve sleeves slightly
        smaller smell smelled soft sold sometimes sorted speak spent spoke spoken staffing standing started stay
        stayed stiff stitching stomach straight strange stressful stretch stretchy stuck stuff stunning suggest
        summer supposed surgery sweet talk talked talking tall teeth tell telling thick thin thinking third
        thought throughout tidy tight till tired toilet toilets torn towels traveling travelled treated
        treatment trousers truly turn turned uncomfortable underneath understand understanding unfortunately
        unhelpful unless unlike upon upset upstairs vegetables view visited waist walk walking wall washed
        washing wearing wedding weight welcome welcoming wife window windows wishes woman women wonder wonderful
        wonderfully wore workers world worried worth write written yellow young""",
    "fr": """
        à afin ai ainsi alors après assez au aucun aucune aussi autre autres aux avant avec avez avoir bien bon
        bonjour bonne ça caisse caisses ce cela ces cet cette chaque cher chère chers chez choix client clients comme
        d dans de des deux dommage du dès elle en encore entre es est et étaient était été être eu eux fait faire fois
        font hôtesse il ils j jamais je jour jours l la là laisse le les leur leurs lorsque lui m ma magasin magasins
        mais malgré manque même mes moins mon n ne ni non nos notre nous nul on ont ou où par parce parfois pas
        passage pendant personnel peu peut plus plutôt pour pourquoi produit produits qu quand que quelle quelques qui
        qualité quoi rapide rapport rayon rayons rien s sa sans satisfait satisfaite se ses si soit son sont sous
        souvent suis sur sympa tard tellement temps toujours tous tout toute toutes trop très tu un une va vers vos
        votre vous voir y prix accueil attente promotions trouve agréable aimable facile propre proximité grand grande
        petit petite merci problème""",
    "de": """
        aber alle alles als am auch auf aus bei bin bis bisher bitte da dann das dass daß dem den denn der des dich
        dies diese dieser doch dort du durch ein eine einem einen einer eines einfach er erst es etwas euch für ganz
        gar geht gibt gut gute haben habe hatte hier ich ihr ihre im immer ins ist ja jetzt kann kein keine keinen
        leider lange man mehr mein meine mich mir mit muss nach nicht nichts noch nun nur ob oder ohne schlecht
        schnell schon sehr seit sich sie sind so über um und uns unter vom von vor war waren warum was weil wenn wer
        werden wie wieder wir wird wurde zu zum zur funktioniert geld freundlich danke nie""",
    "es": """
        a al algo antes así aunque bien bueno buena cada como con cuando de del desde donde dos el él ella ellos en
        entre era es esa ese eso está están esta este esto estoy fue gracias ha hace hacer hasta hay la las le les lo
        los más malo mala me mejor mi mis mucho muy nada ni no nos nunca o otra otro para pero peor poco por porque
        puede que qué se según ser si sí siempre sin sobre son su sus también tan tiene todo todos tras tu un una uno
        y ya yo servicio funciona dinero aplicación ahora después""",
    "it": """
        a ai al alla anche ancora bene buono che chi ci come con così cosa da dal dalla dei del della delle di dopo
        dove e è ed era fa fatto già gli grazie ha hanno ho i il in io la le lo loro ma mai male me mi mia mio molto
        nel nella non niente nostro o ogni ora per perché più poi quando quella quello questa questo sono se sempre
        senza si solo sta stato su sua sul tanto ti troppo tutti tutto un una uno va vi servizio soldi funziona""",
    "pt": """
        a ainda ao aos as até bem bom boa com como da das de dela dele depois do dos e é ela ele em então era essa
        esse esta está este estou eu fazer foi há isso já lhe mais mas me mesmo meu minha muito muita na nada nas não
        nem no nos nunca o obrigado onde os ou para pela pelo por porque pouco pra quando que quem se sem sempre ser
        seu só sua também tem tenho ter tudo um uma vai você serviço funciona dinheiro aplicativo péssimo ótimo""",
    "nl": """
        aan al alleen als altijd ben bij daar dan dat de deze die dit doen door dus echt een en er ga geen goed had
        heb hebben heeft heel het hier hoe hun ik in is je kan kunnen maar me meer men met mij mijn moet na naar niet
        niets nog nooit nu of om omdat onder ons ook op over slecht te tegen toch toen tot u uit uw van veel voor waar
        wanneer was wat we weer wel werd wie wij wil wordt zeer ze zich zij zijn zo zonder zou werkt geld""",
}
_LANGUAGES = tuple(_WORDS)
_FIRST_SIGN, _UP_TO_LAST_SIGN = re.compile(r"\w"), re.compile(r"(?s:.*)\w")
_APART = re.compile(r"['’`´]")
_NOT_WORDS = re.compile(r"^\W*(?:@|#|https?:|www\.|\[(?:email|url|card|iban|phone|order|handle)\])|^[^\w]*$|^[\W\d_]+$")
_LOADING = Lock()


def _lexicon() -> dict[str, int]:
    """Each listed word with the set of its languages as bits, English being bit 0."""
    bits: dict[str, int] = {}
    for place, words in enumerate(_WORDS.values()):
        for word in words.split():
            bits[word] = bits.get(word, 0) | 1 << place
    return bits


_BITS = _lexicon()
_WORD = 1 << 8  # the token is a word at all
_FOREIGN_SCRIPT = 1 << 9  # it has letters of another script than the Latin one
_OTHERS = (1 << len(_LANGUAGES)) - 2


def _kind(token: str) -> int:
    """What a distinct token says about the language, as bits."""
    if _NOT_WORDS.match(token):
        return 0
    word = token.lower()
    first = _FIRST_SIGN.search(word)
    if not first:
        return 0
    last = _UP_TO_LAST_SIGN.match(word)
    word = word[first.start() : last.end() if last else None]
    bits = _BITS.get(word, 0)
    if not bits and not word.isascii():
        bits = _FOREIGN_SCRIPT if any(_other_script(sign) for sign in word) else 0
    if not bits and (parts := _APART.split(word))[1:]:
        bits = _BITS.get("".join(parts), 0)  # don't
        if not bits and len(parts) == 2 and parts[0] + parts[1] not in _BITS:
            bits = _BITS.get(parts[0], 0) & ~1 if len(parts[0]) <= 2 else _BITS.get(parts[0], 0)  # l'attente, someone's
    return bits | _WORD


def _other_script(sign: str) -> bool:
    return (
        sign > "\u024f" and sign.isalpha() and not unicodedata.name(sign, "LATIN").startswith(("LATIN", "MATHEMATICAL"))
    )


def _kinds(words: list[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """``_kind`` of each word, and what it counts as, a bit each: a word, an English one, one of another language."""
    kinds = np.array([_kind(word) for word in words], dtype=np.int64)
    foreign = (kinds & 1 == 0) & (kinds & (_OTHERS | _FOREIGN_SCRIPT) != 0)
    return kinds, ((kinds >= _WORD) | (kinds & 1) << 1 | foreign.astype(np.int64) << 2).astype(np.uint8)


_KINDS = Traits(_kinds)


def languages(table: TokenTable) -> pa.StringArray:
    """Name the language of each text, N ISO 639-1 codes ("en", "fr", ...), "und" where it is too short to tell.

    Web addresses, handles, hashtags and numbers don't count as words. "und" (undetermined) is not "not English":
    such texts ("ok", ":-)", "Gr8!!") should be kept. English is given the benefit of the doubt, so that short,
    shouted or misspelt complaints aren't lost.
    """
    import pyarrow as pa

    if len(table) == 0:
        return pa.array([], pa.string())
    names = [UNDETERMINED, "en"]
    kinds, counted = _KINDS.of(table.tokens)
    words, english, other = _counts(counted, table)
    clear = (english * 5 >= words) & (english > 2 * other) & (english > 0)
    which = clear.astype(np.int32)
    unclear = np.flatnonzero(~clear & (words > 0))
    if len(unclear):
        found = _look_closer(table, unclear, kinds, words[unclear]).tolist()
        names += sorted(set(found) - set(names))
        number = {name: i for i, name in enumerate(names)}
        which[unclear] = [number[name] for name in found]
    return pa.array(names, pa.string()).take(pa.array(which))


def _counts(counted: npt.NDArray[np.uint8], table: TokenTable) -> tuple[npt.NDArray[Any], ...]:
    """How many tokens of each text are words, English words and words of another language: int[N] each.

    The three counts are fields of one number, so that the tokens are gone through once.
    """
    longest = int(np.diff(table.offsets).max())
    if longest >= 1 << 21:  # three such counts don't fit into one number
        running = (np.cumsum(counted.take(table.codes) >> bit & 1, dtype=np.int64) for bit in range(3))
        return tuple(np.diff(np.append(0, each).take(table.offsets)) for each in running)
    kind: Any = np.int32 if longest < 1 << 10 else np.int64
    width = 10 if kind is np.int32 else 21
    field = counted.astype(np.int64)
    packed = ((field & 1) | (field >> 1 & 1) << width | (field >> 2) << 2 * width).astype(kind)
    sums: npt.NDArray[Any] = np.zeros(len(table), dtype=kind)
    filled = np.flatnonzero(np.diff(table.offsets) > 0)
    if len(filled):
        sums[filled] = np.add.reduceat(packed.take(table.codes), table.offsets[filled])
    most = (1 << width) - 1
    return sums & most, sums >> width & most, sums >> 2 * width


def _look_closer(table: TokenTable, rows: IntArray, kinds: npt.NDArray[np.int64], words: npt.NDArray[np.int64]) -> Any:
    """Settle texts that aren't plainly English, by their small words if these agree, or else by the detector."""
    lengths = np.diff(table.offsets)[rows]
    ends = np.cumsum(lengths)
    starts = ends - lengths
    codes = table.codes[np.arange(ends[-1]) + np.repeat(table.offsets[rows] - starts, lengths)]
    seen = kinds[codes]
    scores = np.stack([np.add.reduceat(seen >> place & 1, starts) for place in range(len(_LANGUAGES))])
    script = np.add.reduceat(np.minimum(seen & _FOREIGN_SCRIPT, 1), starts)
    english, best = scores[0], scores[1:].argmax(axis=0) + 1
    own = scores[best, np.arange(len(rows))]
    runner_up = np.sort(scores[1:], axis=0)[-2]
    out = np.full(len(rows), UNDETERMINED, dtype=object)
    foreign = (own >= 2) & (own * 5 >= words) & (own > english + 1) & (own >= 1.5 * runner_up) & (2 * script < words)
    out[foreign] = np.array(_LANGUAGES, dtype=object)[best[foreign]]
    plain = ~foreign & (2 * script < words) & (english > 0) & (english >= own) & (english * 5 >= words)
    short = ~foreign & ~plain & (2 * script < words) & (words < 5) & (own <= english)  # too little for the detector
    out[plain | (short & (english > 0))] = "en"
    for i in np.flatnonzero(~foreign & ~plain & ~short).tolist():
        part = codes[starts[i] : ends[i]]
        text = [table.tokens[code] for code in part[kinds[part] >= _WORD].tolist()]
        out[i] = _ask(text, scores[:, i].tolist(), bool(2 * script[i] >= words[i]))
    return out


def _ask(words: list[str], scores: list[int], foreign_script: bool) -> str:
    """Settle one text by the detector, which is believed only if it is sure or the small words bear it out."""
    count, english = len(words), scores[0]
    if foreign_script:
        return _detect(words)[0] if count > 1 or len(words[0]) > 4 else UNDETERMINED
    doubt = max(scores[1:]) > english or (count >= 5 and english * 8 < count)
    if english and not doubt:  # whatever the detector says
        return "en"
    language, probability = _detect(words)
    if language in ("en", "pcm"):  # Nigerian Pidgin is what clipped English looks like to the detector
        return "en"
    if language in _LANGUAGES and scores[_LANGUAGES.index(language)] > english:
        return language
    if probability >= _SURE and english * 8 < count and count >= 5:
        return language
    return "en" if english else UNDETERMINED


def warm_up() -> None:
    """Load the detector in the background: unpacking it takes half a second that other work can use."""
    Thread(target=_detect, args=(["hello"],), name="language", daemon=True).start()


def _detect(words: list[str]) -> tuple[str, float]:
    """py3langid's best guess and its probability among the languages it knows."""
    with _LOADING:  # whoever comes second would load it again
        from py3langid import rank

        ranked: list[tuple[str, Any]] = rank(" ".join(words[:_DETECTOR_WORDS])[:_DETECTOR_LETTERS])
    scores = np.array([score for _, score in ranked], dtype=np.float64)
    return str(ranked[0][0]), float(1 / np.exp(scores - scores[0]).sum())
