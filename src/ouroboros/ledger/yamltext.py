"""Records as YAML text in the ledger's own style: long prose folded, dates quoted, lists flush with their key."""

from typing import Any

import yaml

WIDTH = 105
_SHORT = 88


class _Dumper(yaml.SafeDumper):
    """PyYAML's safe dumper with folded long texts; it never writes aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = ">" if len(value) > _SHORT and " " in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def yaml_text(data: Any, indent: int = 0) -> str:
    """Text of `data`, every line behind `indent` spaces.

    Parameters
    ----------
    data
        Mappings, lists, texts without line breaks, numbers and truth values.
    indent
        Spaces before each line.

    Returns
    -------
    str
        Lines, the last one ended.
    """
    text = yaml.dump(
        data,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=WIDTH - indent,
        default_flow_style=False,
    )
    margin = " " * indent
    return "".join(margin + line if line.strip() else line for line in text.splitlines(keepends=True))
