"""Which numbers an author may type: sentences that pass and sentences that fail, in the style of the book.

Roles stand in the sentences as an author writes them. The figures behind claims, statements and forecasts are those
of the real ledger; experiments and evidence have stand-ins below.
"""

import re

import pytest

from ouroboros.publishing.prose_numbers import OPAQUE, figures_in, sentences, typed_numbers, unbacked

ROLE = re.compile(r"\{([a-z:]+)\}`([^`]*)`|\$[^$]*\$|`[^`]*`")
EVIDENCE = {"collapse.gaussian-chain": [0.9522, 0.9488, 0.9557, 100.0, 10.0, 50.0, 0.95]}

PASS = """
Synthetic data was worth USD 351.2 million in 2023 by one vendor's account ({claim}`I001`).
{claim}`I001` has the market grow from USD 351.2M to USD 2,339.8M, that is 31.1 % a year.
The vendor's path, 31.1 percent a year until 2030, is recalled and not read ({claim}`I001`).
USD 2.34 billion in 2030 is what {claim}`I001` says.
NVIDIA bought Gretel in March 2025 for less than the USD 320 million of {claim}`I002`.
The original reads 60 % as a measurement; {claim}`I004` is a prediction of 2021.
{claim}`I004` says 60 per cent where a trade report puts the share at up to 20 per cent.
By {claim}`I005` the Chinese market grows from USD 323M to USD 3.7bn, a factor of 11.5.
A sub-market of USD 6.73bn cannot exceed its whole ({claim}`I006`).
The perplexity of {claim}`I017` rises from 20 to 28.
{claim}`I017` starts at 34, so that a loss of 28 points ends at 62.
The untuned model has a perplexity of 115 {cite:p}`shumailov2024collapse{section on language models}`.
About 35 % of new sites were generated {cite:p}`dolezal2026impact{abstract}`.
Self-play gains 10.4 points on SWE-bench Verified ({claim}`I026`).
The two gains of {claim}`I026`, 10.4 and 7.8 points, are confirmed.
{claim}`I025` reports 8.7 %, and the paper 8.6 points.
Palmyra X 004 cost USD 700,000 against USD 4.6 million ({claim}`I016`).
Data centres took 1.5 % of the world's electricity in 2024 ({claim}`I046`).
The audit counted 3,916 data sets where {claim}`I034` has more than 4,000.
{claim}`I036` rests on 250 documents for models of up to 13 billion parameters.
A share of 0.001 % of the tokens was enough ({claim}`I039`).
With a hundred values a generation the variance is {evidence}`collapse.gaussian-chain:x` after fifty generations.
In {experiment}`collapse.gaussian-chain` 0.95 of the variance is left.
The lower end, 0.949, lies above every threshold of {experiment}`collapse.gaussian-chain`.
GPT-5 was released in August 2025, and GPT-4o in May 2024.
M-24-18 was rescinded on 3 April 2025.
Article 50(2) applies from 2 August 2026, and from 2 December 2026 to older systems.
Articles 50 and 53 bind different parties.
The preprint is arXiv:2410.04840, its final form 10.1038/s41586-024-07566-y.
Between 2026 and 2032 the stock of text may be used up.
The edition 2026.11 was built from release 1.0.4 on 2026-11-23.
The window is the second quarter of 2026, written Q2 2026.
Ten stages, four findings and the third paradox need no source.
The fit is repeated ten times, first on real data and then on its own.
Recorded evidence is drawn with 95 % intervals.
Nemotron 3 and Qwen3-4B-Base are names, and so are OPT-125m and WikiText-2.
Figure 1b and Table 3 of the paper disagree with Section 4.2.
The 2-Wasserstein distance is drawn in 3D.
In the 1990s and in 2025–26 nobody asked.
Several hundred pages and thousands of rows were read.
The formula gives $34 + 20 = 54$, and the option is `n=100`.
{count}`claims` claims stand in the ledger, {count}`claims:discrepant` of them discrepant.
{statement}`A05` says 20 to 28 where the baseline is 34.
The prior of {forecast}`F2` in the lenient reading is 40 %.
On 8–12 May 2026 and on May 5, 2026 two notes appeared.
Stage 2 of the ladder follows stage 1, as steps 3 and 4 do.
3. Checks and criteria: every expectation is one of the two, and a fault ends with exit code 2.
It holds at the level of version 3.11 of Python 3.11.
"""

FAIL = """
Synthetic data was worth USD 351.2 million in 2023. | 351.2 million
{claim}`I001` has the market grow to USD 2,439.8M. | 2,439.8M
The market grows by 31.2 % a year ({claim}`I001`). | 31.2 %
USD 2.4 billion in 2030 is what {claim}`I001` says. | 2.4 billion
NVIDIA bought Gretel for USD 230 million ({claim}`I002`). | 230 million
The original reads 60 % as a measurement. | 60 %
{claim}`I004` says 66 per cent. | 66 per cent
The Chinese market grows elevenfold, by a factor of 11.9 ({claim}`I005`). | 11.9
{claim}`I006` has USD 6.37bn. | 6.37bn
The perplexity rises from 20 to 28. | 20; 28
{claim}`I017` starts at 71. | 71
The untuned model has a perplexity of 115 {cite:p}`shumailov2024collapse`. | 115
About 35 % of new sites were generated {cite:p}`dolezal2026impact`. | 35 %
Self-play gains 14.0 points ({claim}`I026`). | 14.0
Self-play gains 10.4 points ({claim}`I017`). | 10.4
Self-play gains 10.4 points. {claim}`I026` is confirmed. | 10.4
Palmyra X 004 cost USD 600,000 ({claim}`I016`). | 600,000
Data centres took 19 % of the world's electricity ({claim}`I046`). | 19 %
The audit counted 3,196 data sets ({claim}`I034`). | 3,196
{claim}`I036` rests on 520 documents. | 520
A share of 0.01 % of the tokens was enough ({claim}`I039`). | 0.01 %
With two hundred values the variance is {evidence}`collapse.gaussian-chain:x`. | two hundred
In {experiment}`collapse.gaussian-chain` 0.85 of the variance is left. | 0.85
About 1 of 7 is left in {experiment}`collapse.gaussian-chain`. | 1; 7
The variance falls by half within eleven generations. | eleven
Forty-six claims were audited. | Forty-six
We read 46 claims. | 46
The model was trained on 2000 tokens. | 2000
It took 2,024 runs. | 2,024
A thousand seeds were tried, and a dozen failed. | A thousand; a dozen
Twenty-five of them agree. | Twenty-five
The share is 90 % of all cases. | 90 %
Recorded in 95 % of the runs. | 95 %
It cost $600K and took 512 GPUs. | 600K; 512
Between 30 and 40 sources were opened. | 30; 40
The ratio of 3:1 holds. | 3; 1
A 32B model and a 405B model were used. | 32B; 405B
OpenAI scores 92, Google 78 and Meta 15. | 92; 78; 15
A score of 0.7 is high. | 0.7
Growth was 2.5x in one year. | 2.5
It is 7 times as large ({claim}`I018`). | 7
In May 40 models were compared. | 40
By 2030 some 945 TWh are expected. | 945
The page lists 21 items, see section 3. | 21
The gain of +9.9 points is not in {claim}`I025`. | 9.9
Half a million documents were poisoned. | a million
The prior of {forecast}`F2` is 61 %. | 61 %"""


def _read(line: str, ledger) -> tuple[str, list[tuple[int, float]], list[int]]:
    """Turn a line with roles into prose, the figures named in it with their place, and places of locators."""
    text, figures, cited, end = "", [], [], 0
    for match in ROLE.finditer(line):
        text += line[end : match.start()]
        role, target = match[1] or "", match[2] or ""
        if role in ("claim", "statement", "forecast"):
            figures += [(len(text), f) for f in figures_in(ledger.find(target)[1].model_dump())]
        elif role in ("evidence", "experiment"):
            figures += [(len(text), f) for f in EVIDENCE[target.partition(":")[0]]]
        elif role.startswith("cite") and target.endswith("}"):
            cited.append(len(text))
        text += OPAQUE
        end = match.end()
    return text + line[end:], figures, cited


def _found(line: str, ledger) -> list[str]:
    text, figures, cited = _read(line, ledger)
    found = []
    for start, sentence in sentences(text):
        inside = range(start, start + len(sentence))
        here = [figure for at, figure in figures if at in inside]
        found += unbacked(sentence, here, cited=any(at in inside for at in cited))
    return [number.text for number in found]


@pytest.mark.parametrize("line", PASS.strip().splitlines())
def test_a_backed_sentence_passes(line, ledger):
    assert _found(line, ledger) == []


@pytest.mark.parametrize("line", FAIL.strip().splitlines())
def test_an_unbacked_number_is_found(line, ledger):
    sentence, _, expected = line.rpartition(" | ")
    assert _found(sentence, ledger) == expected.split("; ")


def test_there_are_enough_of_both_kinds():
    assert len(PASS.strip().splitlines()) >= 40
    assert len(FAIL.strip().splitlines()) >= 40


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("10 000 rows and 2,339.8 million", [10_000, 2_339.8e6]),
        ("one hundred and twenty-five, two thousand", [125, 2000]),
        ("3.7bn, 700K, 10T tokens, 0.5 per cent", [3.7e9, 7e5, 10e12, 0.5]),
        ("half a million", [5e5]),
    ],
)
def test_values_of_typed_numbers(text, values):
    assert [number.value for number in typed_numbers(text)] == pytest.approx(values)


def test_a_number_is_rounded_as_far_as_it_is_written():
    (number,) = typed_numbers("0.95")
    assert number.equals(0.9522)
    assert not number.equals(0.9449)
    (short,) = typed_numbers("20")
    assert short.equals(20.0)
    assert short.equals(19.6)
    (digit,) = typed_numbers("7")
    assert not digit.equals(6.9)


def test_a_citation_after_the_full_stop_belongs_to_the_sentence_before():
    text = f"It rose to 34. ({OPAQUE}) Then it fell. {OPAQUE} reports more."
    assert [sentence.strip() for _, sentence in sentences(text)] == [
        f"It rose to 34. ({OPAQUE})",
        "Then it fell.",
        f"{OPAQUE} reports more.",
    ]


def test_abbreviations_do_not_end_a_sentence():
    text = "As Shumailov et al. (2024) show in Fig. 1, i.e. early on, it falls. Then not."
    assert len(list(sentences(text))) == 2
