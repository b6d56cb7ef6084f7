"""Holds the KEDA kinds among the manifests on standard input against KEDA's models (PyPI: cloudcoil-models-keda).

The models pass over members that they do not know, so what they kept is compared with what was given.
"""

import sys

import yaml
from cloudcoil.models.keda import v1alpha1


def lost(given, kept, place):
    if isinstance(given, dict):
        for key, value in given.items():
            if key not in kept:
                yield f"{place}.{key} is not known"
            else:
                yield from lost(value, kept[key], f"{place}.{key}")
    elif isinstance(given, list):
        for at, value in enumerate(given):
            yield from lost(value, kept[at], f"{place}[{at}]")
    elif given != kept:
        yield f"{place} is {given!r}, and was taken as {kept!r}"


def main():
    documents = [one for one in yaml.safe_load_all(sys.stdin) if one["apiVersion"].startswith("keda.sh/")]
    problems = [] if documents else ["there are none"]
    for document in documents:
        kind, name = document["kind"], document["metadata"]["name"]
        model = getattr(v1alpha1, kind).model_validate(document)
        kept = model.model_dump(by_alias=True, exclude_none=True, mode="json")
        problems += lost(document, kept, f"{kind} {name}")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


sys.exit(main())
