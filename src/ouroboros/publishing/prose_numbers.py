"""Numbers that an author typed into prose: find them, and hold them against what the sentence names.

A typed number is digits, or a number above ten in words. Names (GPT-5, Article 50), dates, versions,
cross-references and small ordinals are no numbers in this sense. Roles, code and formulae must be replaced by
:data:`OPAQUE` before a text comes here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

#: Stands in a text for everything that is not typed prose.
OPAQUE = "\N{OBJECT REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Number:
    """A typed number.

    Attributes
    ----------
    text : str
        As it stands.
    start : int
        Where it stands in the text.
    value, unit : float
        Its value with the magnitude applied (3.7bn is 3.7e9), and what one step of its last digit is worth.
    digits : int
        Significant digits.
    percent : bool
        Whether it is a percentage.
    """

    text: str
    start: int
    value: float
    unit: float
    digits: int
    percent: bool = False

    def equals(self, figure: float) -> bool:
        """Whether a figure, rounded as far as this number is written out, is this number.

        With one significant digit nothing is rounded: "20" is no short way to say 17.
        """
        options = [abs(figure)]
        if self.percent and abs(figure) <= 1:
            options.append(abs(figure) * 100)
        if self.digits < 2:
            return any(math.isclose(self.value, option, rel_tol=1e-9) for option in options)
        return any(abs(self.value - option) <= 0.5 * self.unit * (1 + 1e-9) for option in options)


# --- what looks like a number and is none ------------------------------------------------------------------

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\.?"
)
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:1[89]|20)\d\d"
#: A year before one of these is a quantity: 2000 tokens.
_COUNTED = (
    r"(?:(?:tokens?|samples?|runs?|values?|draws?|replicates?|chains?|steps?|episodes?|games?|generations?|examples?"
    r"|items?|documents?|words?|characters?|nodes?|seeds?|websites?|pages?|people|providers?|points?|times|models?"
    r"|hours?|minutes?|seconds?|days?|bits?|bytes?|bn|billion|million|thousand|trillion|percent(?:age)?|per\s?cent"
    r"|USD|EUR|CNY|GBP|[kKMGT]B|[kMGT]Wh|[kMGT]W|x)\b(?!-)|%|‰|×|-?fold)"
)
_HEADS = (
    r"(?:articles?|arts?\.|sections?|sect?s?\.|§{1,2}|chapters?|ch\.|annex(?:es)?|recitals?|appendix|appendices"
    r"|tables?|tab\.|figures?|figs?\.|equations?|eqs?\.|pages?|pp?\.|lines?|footnotes?|notes?|phases?|parts?|tiers?"
    r"|items?|paragraphs?|paras?\.|rules?|questions?|rows?|columns?|versions?|editions?|releases?|volumes?|vol\."
    r"|issues?|nos?\.|criteri(?:on|a)|claims?|findings?|thes[ie]s|paradox(?:es)?|judgements?|dimensions?|stages?"
    r"|steps?|theorems?|lemmas?|propositions?|corollar(?:y|ies)|definitions?|algorithms?|panels?|options?|experiments?"
    r"|levels?|opportunit(?:y|ies)|falsifiers?|listings?|examples?|scenarios?|titles?|regulations?|directives?"
    r"|exit\s(?:codes?|status)|memorandum|memo|public\s+law|cases?|days?\s+no\.)"
)
_REF = (
    r"\d{1,4}[a-z]?(?:\.\d{1,3})*(?:\(\w{1,4}\))*(?![\d%])(?!\s?(?:%|per\s?cent|percent|bn|billion|million))"
)
_PRODUCTS = (
    r"(?:GPT|Claude|Gemini|Gemma|Llama|Qwen|Phi|Mistral|Mixtral|DeepSeek|Nemotron(?:\s(?:Nano|Super|Ultra))?|Grok|Kimi"
    r"|GLM|OLMo|Opus|Sonnet|Haiku|Palmyra\sX|Mythos|Muse|Ernie|Falcon|Granite|Pythia|Sora|Veo|Imagen|Cosmos"
    r"|Python|CUDA|Sphinx|Jupyter\sBook|Jupyter|CC\sBY(?:-\w+)*|BY|Apache|ISO(?:/\w+)*|RFC|IEEE|Formula|Web|Industry)"
)
_NOT_A_NAME = (
    r"(?:sub|non|pre|post|mid|under|over|near|plus|minus|about|and|per|to|re|multi|ca|or|up"
    r"|USD|US|EUR|CNY|RMB|GBP|JPY)"
)

_EXEMPT = [
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"^\s*\d{1,2}[.)](?:\s|$)", 0),  # the number of an item in a list that is written out
        (r"https?://\S+|www\.\S+", 0),
        (r"\b10\.\d{4,9}/\S+", 0),
        (r"\b(?:arXiv[:\s]?\s?)?\d{4}\.\d{4,5}(?:v\d+)?\b", re.I),
        (r"\b\d{4}-\d{2}(?:-\d{2})?\b(?!\s?%)", 0),
        (rf"\b{_DAY}(?:\s?(?:[-–/]|to|and|or)\s?{_DAY})?(?:\sof)?\s{_MONTH}(?:,?\s{_YEAR})?\b", 0),
        (rf"\b{_MONTH}\s{_DAY}(?:\s?[-–]\s?{_DAY})?(?:,\s?{_YEAR})?\b(?!\s?(?:%|per|{_COUNTED}))", 0),
        (rf"\b{_YEAR}s\b", 0),
        (rf"(?<![\d.,$€£])\b{_YEAR}\s?[-–/]\s?(?:{_YEAR}|\d\d)\b(?![\d%])", 0),
        (
            rf"(?<![\d.,$€£])(?<!=\s)(?<!=)(?<!USD\s)(?<!EUR\s)(?<!CNY\s)\b{_YEAR}\b(?![\d%]|[.,]\d)"
            rf"(?!\s?-?{_COUNTED})(?!\s(?:synthetic|real|training|human)\b)",
            re.I,
        ),
        (rf"\b{_HEADS}\s?{_REF}(?:\s?(?:,|and|or|to|–|-|&|,\sand)\s?{_REF})*", re.I),
        (rf"\b{_PRODUCTS}[\s-]v?\d+(?:\.\d+)*\w*", 0),
        (r"\bv?\d+(?:\.\d+){2,}\b|\bv\d+(?:\.\d+)*\b", 0),
        (
            rf"(?<![\w.])(?!{_NOT_A_NAME}-?\d)[A-Za-z][A-Za-z_]*(?:[-_./@+:][A-Za-z]+)*[-_./@+:]?\d[\w./@+-]*",
            0,
        ),
        (r"\b(?:10|[1-9])(?:st|nd|rd|th)\b|\b\d{1,2}(?:st|nd|rd|th)[-\s]centur(?:y|ies)", 0),
        (
            r"\b\d{2}(?:\.\d)?\s?(?:%|per\s?cent|percent)[-\s](?:(?:confidence|credible|prediction|simultaneous"
            r"|bootstrap|pointwise)\s)*(?:intervals?|bands?|CIs?|confidence|limits?)\b",
            re.I,
        ),
        (r"\bcentral\s\d{2}(?:\.\d)?\s?(?:%|per\s?cent|percent)", re.I),
        (r"\b\d+-(?=[A-Z][a-z])", 0),
        (r"\b[1-4]-?D\b|\b[345]G\b|\b\d-grams?\b|\b2FA\b|\b24/7\b", 0),
    )
]

# --- numbers in digits ---------------------------------------------------------------------------------------

_MAGNITUDES = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "k": 1e3,
    "K": 1e3,
    "M": 1e6,
    "m": 1e6,
    "B": 1e9,
    "bn": 1e9,
    "T": 1e12,
    "tn": 1e12,
}
_DIGITS = re.compile(
    r"(?<![\w.])(?P<number>\d{1,3}(?:[,\u202f\u2009\u00a0 ]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)"
    r"(?:\s?(?P<percent>%|per\s?cent\b|percent(?:age)?\b)|[\s-]?(?P<word>thousand|million|billion|trillion)\b"
    r"|(?P<letter>bn|tn|[kKMBTm])(?![A-Za-z0-9]))?"
)

# --- numbers in words ----------------------------------------------------------------------------------------

_UP_TO_NINETEEN = """
zero one two three four five six seven eight nine ten
eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
"""
_ONES = {word: value for value, word in enumerate(_UP_TO_NINETEEN.split())}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2
    )
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_WORD = "|".join([*_ONES, *_TENS, *_SCALES, "dozen"])
_WORDS = re.compile(
    rf"(?<![\w-])(?:(?:an?\s)?(?:{_WORD})(?:(?:[-\s]|\sand\s)(?:{_WORD})\b)*)(?![\w])", re.IGNORECASE
)
_VAGUE = re.compile(r"(?:several|few|many|some|couple\sof|per|part\sin\sa)\s$", re.IGNORECASE)


def _spelled(words: str) -> int:
    total, current = 0, 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word in ("a", "an", "and"):
            continue
        elif word == "dozen":
            current = max(current, 1) * 12
        elif word in _ONES or word in _TENS:
            current += _ONES.get(word, _TENS.get(word, 0))
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
    return total + current


def _blank(text: str) -> str:
    """Take out everything that only looks like a number, leaving every position where it was."""
    text = text.replace("\n", " ")
    for pattern in _EXEMPT:
        text = pattern.sub(lambda match: "_" * len(match[0]), text)
    return text


def typed_numbers(text: str) -> list[Number]:
    """Find the numbers in a text, in their order.

    Parameters
    ----------
    text : str
        Prose with everything else replaced by :data:`OPAQUE`.

    Returns
    -------
    list of Number
    """
    bare = _blank(text)
    found = [_in_digits(match) for match in _DIGITS.finditer(bare)]
    taken = [range(number.start, number.start + len(number.text)) for number in found]
    for match in _WORDS.finditer(bare):
        value = _spelled(match[0]) * (0.5 if bare[: match.start()].endswith("half ") else 1)
        if (
            value > 10
            and not _VAGUE.search(bare[: match.start()])
            and not any(match.start() in r for r in taken)
        ):
            found.append(Number(match[0], match.start(), value, 1, 2 if value < 100 else len(str(value))))
    return sorted(found, key=lambda number: number.start)


def _in_digits(match: re.Match) -> Number:
    digits = re.sub(r"[^\d.]", "", match["number"])
    magnitude = _MAGNITUDES.get(match["word"] or match["letter"] or "", 1.0)
    decimals = len(digits.partition(".")[2])
    return Number(
        match[0].strip(),
        match.start(),
        float(digits) * magnitude,
        10.0**-decimals * magnitude,
        len(digits.replace(".", "").lstrip("0")),
        bool(match["percent"]),
    )


# --- sentences -------------------------------------------------------------------------------------------------

_END = re.compile(r"[.!?…][\"'”’)\]*]*\s+(?=[\"'“‘(\[*]*[A-Z\d" + OPAQUE + r"])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|al|cf|vs|pp?|Figs?|Tab|Eqs?|Sec|Art|No|Nos|approx|ca|St|Dr|Mr|Ms|Inc|Corp|Ltd|Co|vol|Vol|ch"
    r"|etc|resp|U\.S|D\.C)|\b[A-Z])\.$"
)
_BELONGS_BACK = re.compile(rf"[(\[]?{OPAQUE}(?:[,;]?\s*{OPAQUE})*[)\]]?\.?\s*(?=[A-Z]|$)")


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Split a paragraph; a citation set after the full stop belongs to the sentence before it.

    Yields
    ------
    (int, str)
        Where each sentence begins, and the sentence.
    """
    flat = text.replace("\n", " ")
    start = 0
    for match in _END.finditer(flat):
        if _ABBREVIATION.search(flat[start : match.start() + 1]) and match[0][0] == ".":
            continue
        end = match.end()
        behind = _BELONGS_BACK.match(flat, end)
        if behind:
            end = behind.end()
        if end > start:
            yield start, text[start:end]
            start = end
    if start < len(text):
        yield start, text[start:]


# --- what a sentence may say ----------------------------------------------------------------------------------

_UNIT_MAGNITUDES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


def figures_in(record: Any) -> list[float]:
    """List all figures of a record: its numbers, those in its texts, and quantities with their unit applied."""
    found: list[float] = []
    if isinstance(record, bool) or record is None:
        return found
    if isinstance(record, int | float):
        return [float(record)]
    if isinstance(record, str):
        return [number.value for number in typed_numbers(record)]
    if isinstance(record, dict):
        value, unit = record.get("value"), record.get("unit")
        if isinstance(value, int | float) and isinstance(unit, str):
            found += [value * size for word, size in _UNIT_MAGNITUDES.items() if word in unit]
        if isinstance(unit, str) and isinstance(record.get("points"), list | tuple):
            sizes = [size for word, size in _UNIT_MAGNITUDES.items() if word in unit]
            found += [point["value"] * size for point in record["points"] for size in sizes]
        return found + [figure for part in record.values() for figure in figures_in(part)]
    if isinstance(record, list | tuple):
        return [figure for part in record for figure in figures_in(part)]
    return found


def unbacked(text: str, figures: Iterable[float], *, cited: bool) -> list[Number]:
    """List the typed numbers of a sentence that nothing in it stands for.

    Parameters
    ----------
    text : str
        One sentence.
    figures : iterable of float
        Figures of all records that the sentence names.
    cited : bool
        Whether it carries a citation with a locator, which covers every number.
    """
    if cited:
        return []
    known = list(figures)
    return [number for number in typed_numbers(text) if not any(map(number.equals, known))]
