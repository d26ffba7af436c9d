"""Which segments of a set are read when not all of them are."""

from verify.collect.backups.manifest import Segment

_PACKED = 8


def chosen(segments: list[Segment], count: int, most_bytes: int, turn: int) -> list[Segment]:
    """So many segments, half of them the newest of their partitions, within so many bytes.

    The same ones for the same `turn`; with each turn others have theirs.
    """
    newest = sorted(each for each in segments if each.newest)
    rest = sorted(each for each in segments if not each.newest)
    half = min(len(newest), max(count - len(rest), -(-count // 2)))
    found: list[Segment] = []
    taken = 0
    for each in (*_spread(newest, half, turn), *_spread(rest, count - half, turn)):
        # What is packed well takes as long to read as what is large.
        taken += max(each.size, each.unpacked // _PACKED)
        if found and taken > most_bytes:
            break
        found.append(each)
    return found


def _spread(segments: list[Segment], count: int, turn: int) -> list[Segment]:
    """Evenly over all of them."""
    count = min(count, len(segments))
    places = {(turn + step * len(segments) // count) % len(segments) for step in range(count)}
    return [segments[place] for place in sorted(places)]
