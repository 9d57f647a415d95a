"""JSON Schemas of the ledger files, for editors; generated from the models."""

import json
from pathlib import Path

from ouroboros.ledger.load import FILES
from ouroboros.ledger.textfile import replace_text


def schema_texts() -> dict[str, str]:
    """File name and text of every schema."""
    texts = {}
    for name, model in FILES.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | model.model_json_schema()
        texts[f"{name}.schema.json"] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return texts


def write_schemas(directory: str | Path) -> list[Path]:
    """Write all schemas into a directory and return their paths."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in schema_texts().items():
        replace_text(directory / name, text)
        written.append(directory / name)
    return written
