"""Wheels of what is installed here: what `pip download` would bring, without the network.

python -m tests.docs.wheels REQUIREMENTS FOLDER

Each distribution that the requirements name is packed again from its own RECORD; its files are those of the
wheel that it came from, but for what an installer adds.
"""

from __future__ import annotations

import base64
import hashlib
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.tags import parse_tag

ADDED = ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json", "uv_build.json")


def wanted(requirements: Path) -> Iterator[Requirement]:
    """Requirements of a file that count on this machine."""
    for line in requirements.read_text().splitlines():
        told = line.split("#")[0].strip().rstrip("\\").strip()
        if told and not told.startswith("-"):
            one = Requirement(told)
            if one.marker is None or one.marker.evaluate():
                yield one


def pack(found: Distribution, folder: Path) -> Path:
    """Write a distribution as a wheel, not compressed: it is unpacked in a moment."""
    tags = (found.read_text("WHEEL") or "").splitlines()
    expanded = [line.partition(":")[2].strip() for line in tags if line.startswith("Tag:")]
    path = folder / f"{_name(found)}-{found.version}-{_joined(expanded)}.whl"
    info = f"{_name(found)}-{found.version}.dist-info"
    record = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as wheel:
        for name, file in sorted(_files(found, info)):
            content = file.read_bytes()
            wheel.writestr(name, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f'"{name}",sha256={digest},{len(content)}')
        wheel.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,", ""]))
    return path


def _files(found: Distribution, info: str) -> Iterator[tuple[str, Path]]:
    """Names in the wheel and files here; commands are made again from the entry points."""
    for one in found.files or ():
        name, place = one.as_posix(), Path(str(one.locate()))
        if name.startswith("../") or name.endswith(".pyc") or one.name in ADDED or not place.is_file():
            continue
        head, _, rest = name.partition("/")
        yield (f"{info}/{rest}" if head.endswith(".dist-info") else name), place


def _name(found: Distribution) -> str:
    return found.metadata["Name"].replace("-", "_").replace(".", "_")


def _joined(expanded: list[str]) -> str:
    """The tags of a wheel's name: as one where they were written so, else the first that stands for all."""
    tags = {tag for one in expanded for tag in parse_tag(one)}
    sides = [sorted({getattr(tag, side) for tag in tags}) for side in ("interpreter", "abi", "platform")]
    return "-".join(".".join(side) for side in sides)


def main(requirements: Path, folder: Path) -> None:
    """Pack all that a file of requirements names.

    Raises
    ------
    SystemExit
        Another version is installed here than the file names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for one in wanted(requirements):
        found = distribution(one.name)
        if not one.specifier.contains(found.version, prereleases=True):
            sys.exit(f"{one} is wanted, {found.version} is installed")
        pack(found, folder)
    sys.stdout.write(f"{len(list(folder.iterdir()))} wheels\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
