"""The monthly reminder: every item that needs a person, none when nobody is needed."""

from datetime import date

from ouroboros.forecasting.due import attention
from ouroboros.forecasting.reminder import reminder


def test_nothing_due_is_no_text(forecast):
    on = date(2026, 12, 1)
    assert reminder(attention([forecast()], on), on) == ""


def test_every_item_has_its_command(forecast):
    on = date(2027, 5, 1)
    made = [
        forecast("N2", close="2027-03-31"),
        forecast("N3", close="2027-04-15"),
        forecast("N4", close="2027-05-20"),
    ]
    text = reminder(attention(made, on), on)
    assert text.startswith("As of 2027-05-01, 6 entries of the forecast log need a person.")
    kinds = [line.split("**")[1] for line in text.splitlines() if line.startswith("- [ ] ")]
    assert kinds == ["overdue", "due", "closing", "stale", "stale", "stale"]
    assert (
        "`ouroboros forecast resolve N2 --reading both --outcome yes|no|ambiguous --date DAY --source KEY`"
        in text
    )
    assert text.count("`ouroboros forecast searched N4") == 2


def test_the_commands_exist(forecast):
    from typer.main import get_command

    from ouroboros.cli_forecast import app

    on = date(2027, 5, 1)
    made = [forecast("N2", close="2027-03-31"), forecast("N4", close="2027-05-20")]
    known = get_command(app).commands
    for line in reminder(attention(made, on), on).splitlines():
        if "`ouroboros forecast " in line:
            words = line.split("`")[1].split()
            options = {name for p in known[words[2]].params for name in p.opts}
            assert {word for word in words if word.startswith("--")} <= options
