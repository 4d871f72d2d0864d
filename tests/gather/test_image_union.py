"""Layers from the top down come to the same as layers applied one after the other, as a runtime does it."""

import io
from collections.abc import Iterable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.gather.sources.cache import Cache, Contents
from shared.gather.sources.image.layer import Layer, keep_layer, kept_layer, read_layer
from shared.gather.sources.image.union import Union
from shared.gather.sources.tarred import Forward
from tests.cloud.registry import Link, tar
from tests.examples import examples

FOLDER, OTHER, WHITEOUT, OPAQUE = "folder", "other", "whiteout", "opaque"
# What a layer says of a path: a file's content, or one of the words above.
Said = dict[str, "str | bytes"]
ROOT = "a/m"

_names = st.sampled_from(["a", "b", "m", "migration.sql", "migration_lock.toml"])
_paths = st.lists(_names, min_size=1, max_size=4).map("/".join)
_kinds = st.sampled_from([FOLDER, OTHER, WHITEOUT, OPAQUE]) | st.binary(max_size=2)


def sound(said: Iterable[tuple[str, "str | bytes"]]) -> Said:
    """Leave out what no build writes: something beneath what is no folder."""
    layer: Said = {}
    for path, drawn in said:
        is_read = path.rpartition("/")[2] in {"migration.sql", "migration_lock.toml"}
        kind = OTHER if isinstance(drawn, bytes) and not is_read else drawn
        solid = {p for p, k in layer.items() if isinstance(k, bytes) or k == OTHER}
        has_inside = any(p.startswith(f"{path}/") for p in layer) or layer.get(path) in {FOLDER, OPAQUE}
        if any(path.startswith(f"{p}/") for p in solid) or (path in solid and kind != WHITEOUT):
            continue
        if (isinstance(kind, bytes) or kind in {OTHER, WHITEOUT}) and (has_inside or path in layer):
            continue
        if layer.get(path) == WHITEOUT or any(layer.get(p) == WHITEOUT for p in parents(path)):
            continue
        layer[path] = kind
    return layer


layers = st.lists(st.lists(st.tuples(_paths, _kinds), max_size=12).map(sound), max_size=5)


def parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:number]) for number in range(1, len(parts))]


def applied(bottom_up: Sequence[Said]) -> dict[str, "str | bytes"]:
    """Do what a runtime does: change a tree of files, layer by layer."""
    tree: dict[str, str | bytes] = {}

    def remove_inside(path: str) -> None:
        for each in [each for each in tree if each.startswith(f"{path}/")]:
            del tree[each]

    for layer in bottom_up:
        for path, kind in layer.items():
            if kind in {WHITEOUT, OPAQUE}:
                remove_inside(path)
            if kind == WHITEOUT:
                tree.pop(path, None)
        for path, kind in layer.items():
            for parent in parents(path):
                tree[parent] = FOLDER
            if kind in {FOLDER, OPAQUE}:
                tree[path] = FOLDER
            elif kind != WHITEOUT:
                remove_inside(path)
                tree[path] = kind
    return tree


def as_layer(said: Said) -> Layer:
    entries: list[tuple[str, bytes | Link]] = []
    for path, kind in said.items():
        folder, _, name = path.rpartition("/")
        match kind:
            case bytes():
                entries.append((path, kind))
            case "folder":
                entries.append((f"{path}/", b""))
            case "opaque":
                entries += [(f"{path}/", b""), (f"{path}/.wh..wh..opq", b"")]
            case "whiteout":
                entries.append((f"{folder}/.wh.{name}".lstrip("/"), b""))
            case _:
                entries.append((path, Link("elsewhere")))
    return read_layer(Forward(io.BytesIO(tar(entries)), "a layer"), None)


def laid(bottom_up: Sequence[Said], *, early: bool = False) -> Contents:
    union = Union(ROOT if early else None)
    for said in reversed(bottom_up):
        union.lay(as_layer(said))
        if early and union.is_complete():
            break
    return union.contents


@settings(max_examples=examples(400), deadline=None)
@given(layers)
def test_from_the_top_down_is_the_same(bottom_up: list[Said]) -> None:
    tree, contents = applied(bottom_up), laid(bottom_up)
    assert contents.files == {path: kind for path, kind in tree.items() if isinstance(kind, bytes)}
    assert contents.folders == {path for path, kind in tree.items() if kind == FOLDER}


@settings(max_examples=examples(400), deadline=None)
@given(layers)
def test_ending_early_leaves_nothing_of_the_migrations_out(bottom_up: list[Said]) -> None:
    tree, contents = applied(bottom_up), laid(bottom_up, early=True)
    assert {path: content for path, content in contents.files.items() if f"/{path}".startswith(f"/{ROOT}/")} == {
        path: kind for path, kind in tree.items() if isinstance(kind, bytes) and f"/{path}".startswith(f"/{ROOT}/")
    }


@settings(max_examples=50, deadline=None)
@given(layers)
def test_a_layer_is_kept_as_it_is(bottom_up: list[Said]) -> None:
    for number, said in enumerate(bottom_up):
        layer, cache = as_layer(said), Cache.here()
        keep_layer(cache, f"{number}", layer)
        assert kept_layer(cache, f"{number}") == layer


def test_what_hides_what() -> None:
    base: Said = {"a/m/1/migration.sql": b"1", "a/m/migration_lock.toml": b"", "b/x/migration.sql": b"x"}
    assert laid([base, {"a/m/1": WHITEOUT}]).files == {"a/m/migration_lock.toml": b"", "b/x/migration.sql": b"x"}
    assert laid([base, {"a": WHITEOUT}]).files == {"b/x/migration.sql": b"x"}
    assert laid([base, {"a": OTHER}]).files == {"b/x/migration.sql": b"x"}, "a link in the place of a folder"
    assert laid([base, {"a": OPAQUE, "a/m/2/migration.sql": b"2"}]).files == {
        "a/m/2/migration.sql": b"2",
        "b/x/migration.sql": b"x",
    }
    assert laid([base, {"a": OTHER}, {"a/m": FOLDER}]).folders == {"a", "a/m", "b", "b/x"}
