"""Signing, altering and reading with the real library."""

import numpy as np
import pandas as pd
import pytest

from ouroboros.experiments.compliance import content_credentials as credentials


@pytest.fixture(scope="module")
def authority():
    return credentials.issue("Test", np.random.default_rng(911))


@pytest.fixture(scope="module", params=credentials.FORMATS)
def signed(request, authority):
    plain = credentials.draw(64, request.param, np.random.default_rng(3))
    return request.param, plain, credentials.sign(plain, request.param, authority, credentials.GENERATED)


def test_an_untouched_file_is_valid_and_its_signer_unknown(signed, authority):
    kind, _, data = signed
    answer = credentials.read(data, kind)
    assert (answer.state, answer.source) == ("Valid", credentials.GENERATED)
    assert answer.codes == ("signingCredential.untrusted",)
    assert credentials.read(data, kind, authority).state == "Trusted"


def test_another_authority_does_not_make_it_trusted(signed):
    kind, _, data = signed
    other = credentials.issue("Other", np.random.default_rng(912))
    assert credentials.read(data, kind, other).state == "Valid"


def test_a_changed_pixel_makes_it_invalid(signed):
    kind, _, data = signed
    # The last bytes of all three formats belong to the image.
    assert credentials.read(credentials.flip(data, 8 * (len(data) - 40)), kind).state != "Valid"


def test_saving_anew_leaves_what_was_never_signed(signed):
    kind, plain, data = signed
    again = credentials.resave(data, kind)
    assert credentials.read(again, kind) == credentials.read(plain, kind) == credentials.Answer("no manifest")
    if kind == "png":
        assert np.array_equal(credentials.pixels(again), credentials.pixels(data))


def test_a_bit_in_the_reserved_zeros_passes(signed):
    """A finding, not a wish: the zeros reserved for a signature are signed by nobody."""
    kind, _, data = signed
    zeros = data.index(bytes(500)) + 250
    assert credentials.in_padding(data, zeros) and not credentials.in_padding(data, 0)
    changed = credentials.flip(data, 8 * zeros)
    answer = credentials.read(changed, kind)
    assert changed != data and answer.state == "Valid"
    assert not credentials._misleads(answer, changed, data)


def test_a_forgery_would_be_noticed_as_misleading(signed, authority):
    kind, plain, data = signed
    other = credentials.draw(64, kind, np.random.default_rng(4))
    forged = credentials.sign(other, kind, authority, credentials.GENERATED)
    assert credentials._misleads(credentials.read(forged, kind), forged, data)
    lied = credentials.sign(plain, kind, authority, credentials.CAPTURED)
    assert credentials._misleads(credentials.read(lied, kind), lied, data)


def test_lengths_do_not_vary_with_random_signatures(authority):
    plain = credentials.draw(64, "png", np.random.default_rng(5))
    lengths = {len(credentials.sign(plain, "png", authority, credentials.GENERATED)) for _ in range(8)}
    chains = {credentials.issue("Test", np.random.default_rng(911)).chain for _ in range(2)}
    assert len(lengths) == len(chains) == 1


def test_faults_are_named():
    good = {"formats": ["png"], "side": 64, "images": 2, "flips": 4}
    with pytest.raises(ValueError, match="one of png, jpeg, webp needed"):
        credentials.jobs(good | {"formats": ["gif"]})
    with pytest.raises(ValueError, match="multiple of 2 images"):
        credentials.jobs(good | {"flips": 5})


def test_the_format_with_the_fewest_is_named():
    table = pd.DataFrame(
        [("png", "resaved-lost", 9, 10), ("jpeg", "resaved-lost", 10, 10)], columns=credentials.COLUMNS
    )
    found = {e.name: e for e in credentials.analyse(table, {})}
    assert found["resaved-lost-least"].value == found["resaved-lost-png"].value == 0.9
    assert found["resaved-lost"].n == 20
