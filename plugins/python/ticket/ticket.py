"""The exit ticket: three questions at the end of a meeting, counted. It shows
that a module may be written in another language than Go."""

import base64
import json
import math

from sieci_plugin import Refused, serve

TOOL = "ticket"


def text(pl, en):
    return {"byLanguage": {"pl": pl, "en": en}}


def document(value, revision=1):
    raw = json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
    return {"json": base64.b64encode(raw).decode(), "revision": revision}


def option(code, pl, en):
    return {"c": code, "l": {"pl": pl, "en": en}}


BANK = {
    "kind": "form", "v": 1, "id": "bilet-wyjscia", "rev": 1, "privacy": "anonymous",
    "title": {"pl": "Bilet wyjścia", "en": "Exit ticket"},
    "items": [
        {"id": "jasnosc", "type": "scale", "min": 0, "max": 5,
         "label": {"pl": "Na ile jasne było to spotkanie?", "en": "How clear was this meeting?"},
         "low": {"pl": "Wcale", "en": "Not at all"}, "high": {"pl": "Zupełnie", "en": "Entirely"}},
        {"id": "uzyje", "type": "choice", "label": {"pl": "Czy użyjesz tego w pracy?", "en": "Will you use it at work?"},
         "options": [option("tak", "Tak", "Yes"), option("troche", "Częściowo", "Partly"), option("nie", "Nie", "No")]},
        {"id": "pytanie", "type": "longtext", "max": 1000,
         "label": {"pl": "Jakie pytanie zostaje?", "en": "Which question remains?"}},
    ],
}
SCALE = [str(n) for n in range(6)]
QUESTIONS = {"jasnosc": SCALE, "uzyje": ["tak", "troche", "nie"]}


def describe(_request):
    return {
        "moduleId": "ore.ticket", "version": "1.0.0", "contractRevision": 1,
        "toolTypes": [{
            "name": TOOL, "title": text("Bilet wyjścia", "Exit ticket"), "function": text("Bilety wyjścia", "Exit tickets"),
            "passes": 1, "input": "TOOL_INPUT_ANSWERS",
        }],
    }


def health(_request):
    return {"ready": True}


def nothing(_request):
    raise Refused("the module has tools alone")


def known(request):
    if request.tool != TOOL:
        raise Refused(f"unknown tool {request.tool!r}")


def instruments(request):
    known(request)
    return {"instruments": [{"name": "bilet", "title": {"byLanguage": BANK["title"]}, "form": document(BANK)}]}


def asked(design):
    """The questions of the bank that were chosen, from the design's form."""
    try:
        items = json.loads(design.json)["form"].get("items") or []
    except (ValueError, KeyError, AttributeError) as e:
        raise Refused("design") from e
    flat = [x for item in items for x in item.get("items") or [item]]
    return [x for x in flat if x.get("id") in QUESTIONS]


def check(request):
    known(request)
    columns = [x["id"] for x in asked(request.design)]
    if columns:
        return {"columns": columns}
    words = "No question can be counted. Choose at least one." if request.locale == "en" else \
        "Żadnego pytania nie da się policzyć. Wybierz co najmniej jedno."
    return {"diagnostics": [{"severity": "SEVERITY_ERROR", "path": "questions", "code": "nothing_to_count", "text": words}]}


def score(request):
    known(request)
    if request.WhichOneof("input") != "answers":
        raise Refused("the ticket counts answers, not tables")
    out = {}
    for column in request.answers.columns:
        counts = out.setdefault(column.path, {})
        for code in column.codes:
            if 0 <= code < len(column.dictionary):
                key = column.dictionary[code]
                counts[key] = counts.get(key, 0) + 1
        for value in column.numbers:
            if not math.isnan(value):
                key = str(int(value))
                counts[key] = counts.get(key, 0) + 1
    return {"partial": base64.b64encode(json.dumps(out, sort_keys=True).encode()).decode()}


def together(partials):
    out = {}
    for raw in partials:
        try:
            part = json.loads(raw)
        except ValueError as e:
            raise Refused("partial") from e
        for path, counts in part.items():
            mine = out.setdefault(path, {})
            for key, n in counts.items():
                mine[key] = mine.get(key, 0) + n
    return out


def combine(request):
    known(request)
    counts = together(request.partials)
    if not request.final:
        return {"partial": base64.b64encode(json.dumps(counts, sort_keys=True).encode()).decode()}
    lang = "en" if request.locale == "en" else "pl"
    words = {"pl": ("Wyniki biletu wyjścia", "Odpowiedź", "Udział", "Udział poszczególnych odpowiedzi"),
             "en": ("Results of the exit ticket", "Answer", "Share", "Share of each answer")}[lang]
    cells, nodes = [], []
    for item in asked(request.design):
        path, mine = item["id"], counts.get(item["id"], {})
        labels = {o["c"]: o["l"][lang] for o in item.get("options") or []}
        n, rows = sum(mine.get(key, 0) for key in QUESTIONS[path]), []
        for key in QUESTIONS[path]:
            share = 100 * mine.get(key, 0) / n if n else 0
            cells.append({"name": path + "__" + key, "at": [path, key], "n": n, "value": share, "unit": "percent"})
            rows.append([{"t": "text", "v": labels.get(key, key)}, {"cell": "shares/" + path + "__" + key}])
        nodes.append({"type": "chart", "id": "w_" + path, "chart": "bar", "title": item["label"][lang], "alt": words[3], "frame": {
            "columns": [{"id": "answer", "label": words[1], "type": "text"}, {"id": "share", "label": words[2], "type": "pct"}], "rows": rows}})
    frame = {"name": "shares", "title": text("Odpowiedzi", "Answers"), "dimensions": ["question", "answer"], "cells": cells}
    return {"result": {"frames": [frame]}, "view": document({"kind": "view", "v": 1, "title": words[0], "nodes": nodes}, 0)}


serve({
    "Module/Describe": describe, "Module/Health": health, "Module/Decide": nothing, "Module/Render": nothing, "Module/Guard": nothing,
    "EvaluationTool/Instruments": instruments, "EvaluationTool/Check": check, "EvaluationTool/Score": score, "EvaluationTool/Combine": combine,
})
