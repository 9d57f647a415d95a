"""Signed Content Credentials on generated images: what a changed bit does to them, and what saving the image anew does.

Each image is drawn at random, declared as made by a trained algorithm and signed with the reference library
(c2pa), offline: an ECDSA key on P-256 whose certificate is issued by an authority made on the spot. A reader who
lists that authority as trusted should call the image *trusted*, any other reader *valid* with an untrusted signer.

Four things are done to signed images. *Nothing*, as control. *One bit* is flipped, anywhere in the file. The image
is *saved anew* by an ordinary image library, in the same format and in another one. It is saved anew and *signed by
somebody else*, who declares it a camera picture.

Only counts are kept: signatures and labels inside a manifest are random by design and differ from run to run. Their
lengths do not, because keys come from the generator and certificates are signed without chance, so that a bit at a
place of the file means the same in every run.
"""

import datetime
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import c2pa
import numpy as np
import pandas as pd
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from ouroboros.stats.estimate import Estimate
from ouroboros.stats.job import Job
from ouroboros.stats.reporting import extreme, share

FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
COLUMNS = ["format", "quantity", "count", "trials"]

GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CAPTURED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
NO_MANIFEST = "no manifest"
UNREADABLE = "unreadable"

_UNTRUSTED = "signingCredential.untrusted"
# Certificates outlive every rebuild of the book.
_FROM, _UNTIL = datetime.datetime(2020, 1, 1), datetime.datetime(2119, 12, 31)


def jobs(parameters: Mapping[str, Any]) -> list[Job]:
    """One job per image format.

    Parameters
    ----------
    parameters : mapping
        ``formats`` (keys of `FORMATS`), ``side`` of an image in pixels, ``images`` per treatment, and ``flips``,
        spread evenly over as many signed images as there are ``images``.

    Raises
    ------
    ValueError
        If a format is unknown or the flips cannot be spread evenly.
    """
    for name in parameters["formats"]:
        if name not in FORMATS:
            raise ValueError(f"formats: {name!r} (one of {', '.join(FORMATS)} needed)")
    if parameters["flips"] % parameters["images"]:
        raise ValueError(f"flips: {parameters['flips']} (a multiple of {parameters['images']} images needed)")
    common = {name: parameters[name] for name in ("side", "images", "flips")}
    return [Job(name, {"format": name, **common}) for name in parameters["formats"]]


def simulate(parameters: Mapping[str, Any], rng: np.random.Generator) -> pd.DataFrame:
    """Sign, alter and read the images of one format.

    Parameters
    ----------
    parameters : mapping
        Those of one `jobs` entry.
    rng : numpy.random.Generator
        Source of pixels and of the bits to flip.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: how many of how many images came out as the quantity says.
    """
    kind = parameters["format"]
    own, other = issue("Generator", rng), issue("Somebody else", rng)
    found: Counter[str] = Counter()
    trials: Counter[str] = Counter()

    def note(quantity: str, happened: bool) -> None:
        found[quantity] += bool(happened)
        trials[quantity] += 1

    for _ in range(parameters["images"]):
        plain = draw(parameters["side"], kind, rng)
        signed = sign(plain, kind, own, GENERATED)
        for quantity, happened in _treat(plain, signed, kind, own, other):
            note(quantity, happened)
        places = rng.integers(8 * len(signed), size=parameters["flips"] // parameters["images"])
        for place in places:
            changed = flip(signed, int(place))
            answer = read(changed, kind)
            accepted = answer.state == "Valid"
            note("flipped-accepted", accepted)
            note("flipped-misleading", accepted and _misleads(answer, changed, signed))
            if accepted:
                note("accepted-in-padding", in_padding(signed, int(place) // 8))
    rows = [(kind, quantity, found[quantity], trials[quantity]) for quantity in trials]
    return pd.DataFrame(rows, columns=COLUMNS)


def _treat(
    plain: bytes, signed: bytes, kind: str, own: "Authority", other: "Authority"
) -> Iterator[tuple[str, bool]]:
    as_is = read(signed, kind)
    yield "untouched-valid", as_is.state == "Valid" and as_is.source == GENERATED
    yield "untouched-untrusted", _UNTRUSTED in as_is.codes
    yield "untouched-trusted", read(signed, kind, own).state == "Trusted"
    never = read(plain, kind)
    again = resave(signed, kind)
    yield "resaved-lost", read(again, kind).state == NO_MANIFEST
    yield "resaved-like-unsigned", read(again, kind) == never
    yield "resaved-same-pixels", np.array_equal(pixels(again), pixels(signed))
    elsewhere = "png" if kind != "png" else "jpeg"
    yield "converted-lost", read(resave(signed, elsewhere), elsewhere).state == NO_MANIFEST
    forged = sign(again, kind, other, CAPTURED)
    answer = read(forged, kind)
    yield "forged-accepted", answer.state == "Valid" and answer.source == CAPTURED
    yield "forged-trusted", read(forged, kind, own).state == "Trusted"


def _misleads(answer: "Answer", changed: bytes, signed: bytes) -> bool:
    """Whether an accepted file declares something else or shows another picture."""
    if answer.source != GENERATED:
        return True
    try:
        return not np.array_equal(pixels(changed), pixels(signed))
    except (OSError, SyntaxError, ValueError):
        return False  # no picture at all


def analyse(table: pd.DataFrame, parameters: Mapping[str, Any]) -> list[Estimate]:
    """Shares with exact intervals, by format and pooled, and the format that fares worst."""
    found = []
    for quantity, rows in table.groupby("quantity", sort=True):
        words = _WORDS[quantity]
        by_format = [
            share(f"{quantity}-{row.format}", int(row.count), int(row.trials), f"{words}, {row.format}")
            for row in rows.sort_values("format").itertuples(index=False, name="Row")
        ]
        found += by_format
        found.append(
            share(quantity, int(rows["count"].sum()), int(rows["trials"].sum()), f"{words}, all formats")
        )
        found.append(extreme(f"{quantity}-least", by_format, f"{words}, format with the fewest", end="value"))
    return found


_WORDS = {
    "untouched-valid": "Share of untouched images that are valid and declared generated",
    "untouched-untrusted": "Share of untouched images whose signer a reader without a list calls untrusted",
    "untouched-trusted": "Share of untouched images that a reader with the signer's authority on its list trusts",
    "flipped-accepted": "Share of single flipped bits after which the image is still accepted as valid",
    "flipped-misleading": "Share of single flipped bits after which an accepted file shows or declares something else",
    "accepted-in-padding": "Share of the accepted flips that lie in the zeros reserved for signatures",
    "resaved-lost": "Share of images without any manifest after saving in the same format",
    "resaved-like-unsigned": "Share of saved images for which the reader's answer equals that for one never signed",
    "resaved-same-pixels": "Share of saved images whose pixels did not change",
    "converted-lost": "Share of images without any manifest after saving in another format",
    "forged-accepted": "Share of saved and re-signed images that read as valid camera pictures",
    "forged-trusted": "Share of re-signed images that a reader with the true authority on its list trusts",
}


# --- images ------------------------------------------------------------------------------------------------


def draw(side: int, kind: str, rng: np.random.Generator) -> bytes:
    """Encode a smooth random image."""
    coarse = rng.integers(256, size=(8, 8, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)
    return _encode(image, kind)


def resave(data: bytes, kind: str) -> bytes:
    """Open an image and save it, as any editor or website does."""
    with Image.open(io.BytesIO(data)) as image:
        return _encode(image.convert("RGB"), kind)


def pixels(data: bytes) -> np.ndarray:
    """Decoded pixels."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def flip(data: bytes, place: int) -> bytes:
    """Flip the bit at a place, counted from the least significant bit of the first byte."""
    changed = bytearray(data)
    changed[place // 8] ^= 1 << (place % 8)
    return bytes(changed)


def in_padding(data: bytes, place: int) -> bool:
    """Whether a byte lies in the longest run of zeros of a file."""
    longest = max(re.finditer(rb"\x00+", data), key=lambda run: run.end() - run.start())
    return longest.start() <= place < longest.end()


def _encode(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


# --- credentials -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Authority:
    """A root certificate, and the chain and key of the signer that it vouches for, as PEM."""

    root: bytes
    chain: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader says: validation state, codes of failures, and the declared source of the image."""

    state: str
    codes: tuple[str, ...] = ()
    source: str = ""


def issue(organisation: str, rng: np.random.Generator) -> Authority:
    """Make an authority and a signer under it: P-256 keys, signer for digital signatures and e-mail protection."""
    root_key, key = (ec.derive_private_key(1 + _number(rng, 31), ec.SECP256R1()) for _ in range(2))
    root_name, name = (_name(organisation, part) for part in ("root", "signer"))
    root = _certificate((root_name, root_name), root_key.public_key(), root_key, _number(rng, 8), root=True)
    leaf = _certificate((name, root_name), key.public_key(), root_key, _number(rng, 8), root=False)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Authority(root.public_bytes(pem), leaf.public_bytes(pem) + root.public_bytes(pem), private)


def sign(image: bytes, kind: str, authority: Authority, source: str) -> bytes:
    """Embed a signed manifest that declares the digital source type of an image."""
    action = {"action": "c2pa.created", "digitalSourceType": source}
    manifest = {
        "claim_generator_info": [{"name": "ouroboros", "version": "1"}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [action]}}],
    }
    # Without a thumbnail, so that a random bit lies in the image about as often as in the manifest.
    context = c2pa.Context(c2pa.Settings.from_dict({"builder": {"thumbnail": {"enabled": False}}}))
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", authority.chain, authority.key, None))
    out = io.BytesIO()
    with c2pa.Builder(manifest, context=context) as builder:
        builder.sign(signer, FORMATS[kind], io.BytesIO(image), out)
    return out.getvalue()


def read(image: bytes, kind: str, trusted: Authority | None = None) -> Answer:
    """Validate an image, with or without an authority on the list of trusted ones."""
    context = None
    if trusted is not None:
        anchors = {"trust": {"user_anchors": trusted.root.decode()}, "verify": {"verify_trust": True}}
        context = c2pa.Context(c2pa.Settings.from_dict(anchors))
    try:
        with c2pa.Reader(FORMATS[kind], io.BytesIO(image), context=context) as reader:
            found = json.loads(reader.json())
    except c2pa.C2paError as error:
        return Answer(NO_MANIFEST if "ManifestNotFound" in str(error) else UNREADABLE)
    codes = tuple(sorted(status["code"] for status in found.get("validation_status") or ()))
    active = found.get("manifests", {}).get(found.get("active_manifest"), {})
    return Answer(found.get("validation_state", UNREADABLE), codes, _source(active))


def _source(manifest: Mapping[str, Any]) -> str:
    for assertion in manifest.get("assertions", ()):
        for action in assertion.get("data", {}).get("actions", ()):
            if "digitalSourceType" in action:
                return action["digitalSourceType"]
    return ""


def _name(organisation: str, part: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{organisation} {part}"),
        ]
    )


def _number(rng: np.random.Generator, size: int) -> int:
    """Positive number of that many bytes, the first of them fixed so that its encoding has one length."""
    return int.from_bytes(b"\x40" + rng.bytes(size - 1), "big")


def _certificate(
    names: tuple[x509.Name, x509.Name],
    public: ec.EllipticCurvePublicKey,
    signing: ec.EllipticCurvePrivateKey,
    serial: int,
    *,
    root: bool,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not root,
        key_cert_sign=root,
        crl_sign=root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(names[0])
        .issuer_name(names[1])
        .public_key(public)
        .serial_number(serial)
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
    )
    if not root:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purpose, critical=False)
    return builder.sign(signing, hashes.SHA256(), ecdsa_deterministic=True)
