"""The pods of a cluster's nodes once more: one may have gone to restart since they were looked at."""

from verify.collect.kubernetes.api import Api, KubernetesTarget, Wanted
from verify.collect.kubernetes.collector import listed
from verify.collect.kubernetes.errors import ApiError
from verify.live.live import Live

_KINDS = ("Pod", "StrimziPodSet")


def look_again(place: KubernetesTarget, cluster: str, live: Live, deadline: float) -> bool:
    """Whether pods are other ones by now, or are to be; then `live` has them as they are."""
    if live.kubernetes is None or not all(each in live.kubernetes.objects for each in _KINDS):
        return False
    try:
        with Api(place, deadline) as api:
            now = listed(api, Wanted(cluster=cluster), _KINDS)
    except ApiError:
        return False
    known = live.kubernetes.objects
    if not all(each in now for each in _KINDS) or all(known[kind] == now[kind] for kind in _KINDS):
        return False
    live.kubernetes.objects = known | now
    return True
