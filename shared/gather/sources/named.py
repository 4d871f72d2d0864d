"""What a release may be called, and which folder or archive is meant where the path holds ``{release}``."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ...model.release_settings import ReleaseSettings
from ...model.value import dataclass
from ..attempt import GatherError

_PLACE = "{release}"
_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._+-]*")
# What may stand in a tag or in the name of a blob besides: packages of one repository have tags such as @app/api@1.2.
_LONG_NAME = re.compile(r"(?!.*\.\.)(?!.*//)[A-Za-z0-9@][A-Za-z0-9@._+/-]{0,199}")


@dataclass(frozen=True, slots=True)
class Located:
    """Where the release lies, and its version as far as the path shows."""

    path: Path
    version: str | None


def locate(settings: ReleaseSettings, release: str | None, is_wanted: Callable[[Path], bool]) -> Located:
    """Find the release called *release*, or without a name the newest by modification time.

    *is_wanted* distinguishes a release from other files. A link among them (``latest``) yields to what it points at.
    """
    if release is not None and not _NAME.fullmatch(release):
        raise GatherError(
            f"{release[:100]!a} is no name of a release: letters, digits and . _ + - (no ..) make one", lasting=True
        )
    written = settings.path
    assert written is not None  # noqa: S101  # the settings insist on it
    if _PLACE not in written:
        if release is not None:
            raise GatherError(
                f"the path {written} cannot distinguish release {release} from others: put {_PLACE} in it", lasting=True
            )
        return Located(Path(written), None)
    if release is not None:
        return Located(Path(written.replace(_PLACE, release)), release)
    with reading(written):
        candidates = [located for located in _candidates(written) if is_wanted(located.path)]
        if not candidates:
            raise GatherError(f"no release lies at {written}")
        return max(candidates, key=_age)


def _candidates(path: str) -> Iterator[Located]:
    """Give what lies where the first part of *path* with a ``{release}`` stands, the name put in everywhere."""
    parts = Path(path).parts
    first = next(number for number, part in enumerate(parts) if _PLACE in part)
    before, *between = map(re.escape, parts[first].split(_PLACE))
    pattern = re.compile(f"{before}(?P<release>{_NAME.pattern})" + "(?P=release)".join(between))
    for entry in Path(*parts[:first]).iterdir():
        if match := pattern.fullmatch(entry.name):
            yield Located(Path(path.replace(_PLACE, match["release"])), match["release"])


def _age(located: Located) -> tuple[int, bool, str]:
    return located.path.stat().st_mtime_ns, not located.path.is_symlink(), located.version or ""


def insist_on_name(release: str) -> str:
    """Give *release* back if it may stand in a URL: a name that leads elsewhere there is an error."""
    if not _LONG_NAME.fullmatch(release):
        raise GatherError(
            f"{release[:100]!a} is no name of a release: letters, digits and . _ + - @ / (no ..) make one", lasting=True
        )
    return release


@contextmanager
def reading(path: object) -> Iterator[None]:
    """Turn what the operating system refuses into a sentence about *path*."""
    try:
        yield
    except FileNotFoundError:
        raise GatherError(f"there is no {path}") from None
    except PermissionError:
        raise GatherError(f"no permission to read {path}", lasting=True) from None
    except NotADirectoryError:
        raise GatherError(f"{path} is not a folder, or lies in none") from None
    except OSError as error:
        raise GatherError(f"cannot read {path}: {error.strerror or type(error).__name__}") from None
    except ValueError:
        # A NUL in it, or a character that the file system's encoding lacks.
        raise GatherError(f"{str(path)!a} cannot be a path", lasting=True) from None
