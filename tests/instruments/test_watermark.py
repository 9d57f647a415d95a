import json

import numpy as np
import pytest
from scipy import stats

from ouroboros.cli import main
from ouroboros.experiments.collapse import scripture
from ouroboros.experiments.compliance.trigger_words import WORD
from ouroboros.instruments import watermark
from ouroboros.instruments.errors import InstrumentError
from ouroboros.stats.watermark import green


def test_a_marked_text_is_seen_with_its_key_alone():
    text = watermark.generate(200, "key", seed=3)
    assert len(text.split()) == 200
    assert watermark.detect(text, "key").p < 1e-6
    assert watermark.detect(text, "another").p > 1e-3
    assert watermark.detect(watermark.generate(200, "key", delta=0, seed=3), "key").p > 1e-3


def test_the_reading_by_hand():
    text = "The cat, the dog; the CAT the cat."
    pairs = {("the", "cat"), ("cat", "the"), ("the", "dog"), ("dog", "the")}
    number = watermark.secret("key")
    ids = {w: watermark.marked_text.identifiers([w])[0] for w in ("the", "cat", "dog")}
    greens = sum(bool(green(number, ids[a], ids[b], 0.25)) for a, b in pairs)
    reading = watermark.detect(text, "key")
    assert (reading.words, reading.scored, reading.greens) == (8, 4, greens)
    assert reading.p == pytest.approx(stats.binom.sf(greens - 1, 4, 0.25))


def test_false_alarms_on_clean_text_are_as_rare_as_promised():
    verses = scripture.verses()
    texts = [" ".join(verses[i : i + 5]) for i in range(0, 10_000, 5)]
    alarms = [watermark.detect(text, f"key {i}").p < 0.05 for i, text in enumerate(texts)]
    assert stats.binomtest(sum(alarms), len(alarms), 0.05, alternative="greater").pvalue > 1e-3


def test_a_word_is_what_the_corpus_calls_a_word():
    verse = scripture.verses("Genesis")[0]
    found, vocabulary = scripture.words("Genesis")
    words = WORD.findall(verse.lower())
    assert [vocabulary[i] for i in found[: len(words)]] == words


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: watermark.detect("one", "key"), "at least 2"),
        (lambda: watermark.detect("one two", " "), "--key"),
        (lambda: watermark.detect("one two", "key", 1.0), "--gamma"),
        (lambda: watermark.generate(1, "key"), "--words"),
        (lambda: watermark.generate(5, "key", delta=-1), "--delta"),
    ],
)
def test_bad_input_is_refused(change, message):
    with pytest.raises(InstrumentError, match=message):
        change()


def test_files(tmp_path, capsys):
    path = tmp_path / "text.txt"
    path.write_text(watermark.generate(150, "key"), encoding="utf-8-sig")
    assert main(["watermark", "detect", str(path), "--key", "key", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["marked"] is True
    assert main(["watermark", "detect", str(path), "--key", "wrong"]) == 0
    assert "no mark with this key" in capsys.readouterr().out
    path.write_bytes(b"fine\nnot \xff fine")
    assert main(["watermark", "detect", str(path), "--key", "key"]) == 2
    assert capsys.readouterr().err.strip() == f"{path}:2: not UTF-8 (save the text as UTF-8)"
    assert main(["watermark", "detect", str(tmp_path / "none"), "--key", "key"]) == 2
    assert main(["watermark", "generate", "--key", "key", "--words", "12"]) == 0
    assert len(capsys.readouterr().out.split()) == 12


def test_the_secret_is_the_same_everywhere():
    assert watermark.secret("key").dtype == np.uint64
    assert watermark.secret("key") == watermark.secret("key") != watermark.secret("Key")
