"""Events must be checkable and drawable."""

import pytest
from pydantic import ValidationError

from ouroboros.ledger.events import Event

GOOD = {"id": "H01", "date": "2024-07", "track": "found", "label": "A", "text": "B.", "links": ["I001"]}


def test_an_event_may_rest_on_a_record_or_on_a_source():
    assert Event.model_validate(GOOD).until is None
    assert (
        Event.model_validate(GOOD | {"links": [], "sources": [{"key": "a2024b"}]}).sources[0].key == "a2024b"
    )


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"links": []}, "neither a source nor a record"),
        ({"until": "2023"}, "ends .2023. before it starts"),
        ({"date": "2024-13"}, "not a day of the calendar"),
        ({"track": "rumoured"}, "Input should be"),
        ({"id": "L01"}, "not an id of a event"),
    ],
)
def test_what_cannot_be_checked_or_drawn_is_refused(fault, message):
    with pytest.raises(ValidationError, match=message):
        Event.model_validate(GOOD | fault)


def test_an_event_naming_an_unknown_record_or_work_is_a_fault(tmp_path, root):
    import shutil

    from ouroboros.ledger import LedgerFaults, load_ledger

    shutil.copytree(root / "ledger", tmp_path / "ledger")
    shutil.copy(root / "references.bib", tmp_path)
    path = tmp_path / "ledger/events.yml"
    text = path.read_text(encoding="utf-8")
    wrong = text.replace("links: [I013]", "links: [I913]")
    path.write_text(wrong.replace("{key: wei2025ssr}", "{key: wie2025ssr}"), encoding="utf-8")
    with pytest.raises(LedgerFaults) as caught:
        load_ledger(tmp_path)
    said = str(caught.value)
    assert "H01: unknown record 'I913'" in said
    assert "H19: unknown citation key 'wie2025ssr' (did you mean 'wei2025ssr'?)" in said
