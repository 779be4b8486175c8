"""The values of a JSON object as the text that they are, found by the standard library's parser."""

import json

_decoder = json.JSONDecoder(parse_int=str, parse_float=str)
_WHITESPACE = " \t\n\r"


def raw_fields(text: str) -> dict[str, str]:
    """The fields of an object in their order; each value exactly as it is written."""
    fields: dict[str, str] = {}
    at = _skip(text, text.index("{") + 1)
    while text[at] != "}":
        name, at = _decoder.raw_decode(text, at)
        begin = _skip(text, text.index(":", at) + 1)
        _, end = _decoder.raw_decode(text, begin)
        assert name not in fields, f"{name} stands there twice"
        fields[name] = text[begin:end]
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return fields


def _skip(text: str, at: int) -> int:
    while text[at] in _WHITESPACE:
        at += 1
    return at
