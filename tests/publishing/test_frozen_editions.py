"""The editions that were published: untouched, whole, and every address of theirs still leads somewhere."""

import random
import zipfile

import pytest

from ouroboros.cli import main
from ouroboros.publishing.editions import edition_faults, frozen_editions, place_editions
from ouroboros.publishing.gate import faults_of


@pytest.fixture(scope="module")
def placed(root, tmp_path_factory):
    """A site that holds nothing but the published editions."""
    site = tmp_path_factory.mktemp("site")
    (site / "index.html").write_text("<title>Now</title>")
    place_editions(root, site, "2026.11.dev0")
    return site


def test_published_editions_are_sound(root):
    assert next(iter(frozen_editions(root))).id == "2026.02"
    assert edition_faults(root) == []


def test_two_hundred_random_addresses_resolve(root, placed):
    addresses = [(e.id, a) for e in frozen_editions(root) for a in e.anchors()]
    for edition, address in random.Random(11).sample(addresses, min(200, len(addresses))):
        page, _, anchor = address.partition("#")
        path = placed / "v" / edition / page
        assert path.is_file(), address
        assert not anchor or f'id="{anchor}"' in path.read_text("utf-8"), address


def test_links_within_editions_and_their_list_resolve(placed):
    assert faults_of(placed) == []


def test_latest_leads_past_the_original(placed):
    assert "v/2026.02" not in (placed / "latest/index.html").read_text()


def test_the_original_holds_nothing_of_the_audit(root):
    with zipfile.ZipFile(root / "editions/2026.02/site.zip") as archive:
        for name in archive.namelist():
            if name.endswith((".html", ".csv", ".json")):
                text = archive.read(name).decode().lower()
                for word in ("discrepant", "nuanced", "unverifiable", "superseded", "primary source"):
                    assert word not in text, (name, word)
                assert "/N1" not in name


def test_check_names_an_altered_edition(root, tmp_path, capsys):
    import shutil

    copy = tmp_path / "checkout"
    shutil.copytree(
        root,
        copy,
        symlinks=True,
        ignore=shutil.ignore_patterns(".venv", "_build", ".ouroboros", ".git", "__pycache__"),
    )
    (copy / "editions/2026.02/state.json").write_text("{}")
    main(["check", "--root", str(copy), "--stale-ok"])
    assert "editions/2026.02/state.json: altered after the edition was published" in capsys.readouterr().err
