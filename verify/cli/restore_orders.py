"""What `strimzi-gitops restore` wrote, as the commands read it that compare what came of it."""

from pathlib import Path as File
from typing import TYPE_CHECKING

from generator.common.finding import Finding, FindingsError

if TYPE_CHECKING:
    from generator.contract.restore import RestoreOrder


def orders_in(folder: File) -> "tuple[RestoreOrder, ...]":
    """The restores that `strimzi-gitops restore` wrote into a folder.

    Raises:
        FindingsError: when there is none.
    """
    import msgspec

    from generator.contract.restore import ORDER_KEY, RestoreOrder
    from generator.documents.rendered_files import contents_of, manifest_of

    found = []
    for name, raw in sorted(contents_of(folder).items()):
        for part in raw.split(b"\n---\n"):
            told = manifest_of(str(folder / name), part).body.get("data")
            if isinstance(told, dict) and ORDER_KEY in told:
                try:
                    found.append(msgspec.json.decode(told[ORDER_KEY], type=RestoreOrder))
                except (ValueError, TypeError) as error:
                    raise _no_orders(folder / name, f"cannot be read: {error}") from error
    if not found:
        raise _no_orders(folder, "holds no restore with steps of ours")
    return tuple(found)


def _no_orders(place: File, said: str) -> FindingsError:
    fix = "name a folder that strimzi-gitops restore wrote"
    return FindingsError([Finding(str(place), 0, 0, "restored", said, fix)])
